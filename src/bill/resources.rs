//! What the records of a unit are about, and what it is called.

use crate::ledger::{Head, Record, Unit};
use crate::value::ResourceId;

/// The images, servers and objects of a unit. The place of one is its id in the causes.
#[derive(Debug, Default)]
pub(super) struct Resources {
    list: Vec<Resource>,
    /// The texts of those that are measured in order, one behind the other: they are told in this
    /// order, once a charge.
    texts: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Resource {
    text: TextPlace,
    /// The lasting id of an image that had a member at some time.
    shared: Option<ResourceId>,
}

/// Where a text is: it begins there and has so many bytes.
#[derive(Debug, Clone, Copy)]
enum TextPlace {
    /// Among those of [`Resources`].
    Copied(usize, usize),
    /// Among the bytes of its unit.
    InUnit(usize, usize),
}

impl Resources {
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.texts.clear();
    }

    pub(super) fn text<'a>(&'a self, id: ResourceId, unit: &'a Unit) -> &'a [u8] {
        match self.list[id.index()].text {
            TextPlace::Copied(start, length) => &self.texts[start..start + length],
            TextPlace::InUnit(start, length) => unit.text(start, length),
        }
    }

    pub(super) fn shared(&self, id: ResourceId) -> Option<ResourceId> {
        self.list[id.index()].shared
    }

    /// The id of what a record is about that is alone.
    #[inline]
    pub(super) fn new_id(&mut self, head: &Head<'_>) -> ResourceId {
        let text = TextPlace::InUnit(head.text_at(), head.text.len());
        self.list.push(Resource { text, shared: None });
        ResourceId::from(self.list.len() as u32 - 1)
    }

    /// Says of a resource which lasting id it has, if it is an image that had a member.
    pub(super) fn share(&mut self, id: ResourceId, shared: Option<ResourceId>) {
        self.list[id.index()].shared = shared;
    }

    /// The id of what a record is about: a new one, unless it has the text of the last one.
    pub(super) fn id(&mut self, record: &Record<'_>) -> ResourceId {
        if let Some(last) = self.list.last_mut()
            && let TextPlace::Copied(start, length) = last.text
            && self.texts[start..start + length] == *record.text
        {
            last.shared = last.shared.or(record.shared);
            return ResourceId::from(self.list.len() as u32 - 1);
        }
        let text = TextPlace::Copied(self.texts.len(), record.text.len());
        self.texts.extend_from_slice(record.text);
        self.list.push(Resource { text, shared: record.shared });
        ResourceId::from(self.list.len() as u32 - 1)
    }
}
