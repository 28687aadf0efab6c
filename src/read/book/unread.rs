//! Rates that stand in the book but could not be read: what they price is not missing.

use rustc_hash::FxHashSet;

use crate::book::Sku;
use crate::diagnostic::nearest;
use crate::value::Names;

/// How many unread texts are compared; where there are more, they may be about anything.
const MOST_TEXTS: usize = 100;

/// The rows of `rates.csv` that had a mistake. A mistake is told once; what follows from the row's
/// absence is not told on top of it.
#[derive(Debug, Default)]
pub(super) struct Unread {
    /// Of rows whose SKU is known.
    skus: FxHashSet<Sku>,
    /// Of the others: the SKU as it was written, or the whole line.
    texts: Vec<String>,
}

impl Unread {
    /// Notes a row: its SKU where that could be read, else its text.
    pub(super) fn add(&mut self, sku: Option<Sku>, text: &str) {
        match sku {
            Some(sku) => {
                self.skus.insert(sku);
            }
            None => self.texts.push(text.to_owned()),
        }
    }

    /// Whether a rate of this SKU may be among them.
    pub(super) fn may_hold(&self, sku: Sku, names: &Names) -> bool {
        if self.skus.contains(&sku) || self.texts.len() > MOST_TEXTS {
            return true;
        }
        let name = sku.text(names);
        let is_meant =
            |text: &String| text.contains(&name) || nearest(text, [name.as_str()]).is_some();
        self.texts.iter().any(is_meant)
    }
}
