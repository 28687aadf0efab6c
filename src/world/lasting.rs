//! The texts of images that matter to the end, when nothing else is known any more.

use crate::value::{ResourceId, ResourceTexts};

/// Texts by their ids: one behind the other, as there may be millions.
#[derive(Debug, Clone, Default)]
pub struct LastingTexts {
    all: String,
    /// By id: where its text ends, which begins where that of the id before ends.
    ends: Vec<usize>,
}

impl<'a> FromIterator<(ResourceId, &'a str)> for LastingTexts {
    /// The texts of ids that come in ascending order.
    fn from_iter<I: IntoIterator<Item = (ResourceId, &'a str)>>(texts: I) -> LastingTexts {
        let mut lasting = LastingTexts::default();
        for (id, text) in texts {
            lasting.ends.resize(id.index(), lasting.all.len());
            lasting.all.push_str(text);
            lasting.ends.push(lasting.all.len());
        }
        lasting
    }
}

impl ResourceTexts for LastingTexts {
    #[inline]
    fn text(&self, id: ResourceId) -> &str {
        let Some(end) = self.ends.get(id.index()) else { return "" };
        let start = id.index().checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.all[start..*end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_texts_and_others_have_none() {
        let texts = [(1, "img-1"), (2, "ä"), (5, "base")];
        let texts: LastingTexts =
            texts.into_iter().map(|(id, text)| (ResourceId::from(id), text)).collect();
        let all: Vec<&str> = (0..8).map(|id| texts.text(ResourceId::from(id))).collect();
        assert_eq!(all, ["", "img-1", "ä", "", "", "base", "", ""]);
    }
}
