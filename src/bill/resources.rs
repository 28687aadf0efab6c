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
    /// The lasting id of an image that had a member at some time in the cycle.
    shared: Option<ResourceId>,
}

/// Where a text is: it begins there and has so many bytes. A unit may have more than 4 GiB, a text
/// has not.
#[derive(Debug, Clone, Copy)]
enum TextPlace {
    /// Among those of [`Resources`].
    Copied(usize, u32),
    /// Among the bytes of its unit.
    InUnit(usize, u32),
}

impl Resources {
    pub(super) fn clear(&mut self) {
        self.list.clear();
        self.texts.clear();
    }

    pub(super) fn text<'a>(&'a self, id: ResourceId, unit: &'a Unit) -> &'a [u8] {
        match self.list[id.index()].text {
            TextPlace::Copied(start, length) => self.copied(start, length),
            TextPlace::InUnit(start, length) => unit.text(start, length as usize),
        }
    }

    fn copied(&self, start: usize, length: u32) -> &[u8] {
        &self.texts[start..][..length as usize]
    }

    #[inline]
    pub(super) fn shared(&self, id: ResourceId) -> Option<ResourceId> {
        self.list[id.index()].shared
    }

    /// The id of what a record is about that is alone. `shared` is its lasting id, if it is an image
    /// that had a member in the cycle.
    #[inline]
    pub(super) fn new_id(&mut self, head: &Head<'_>, shared: Option<ResourceId>) -> ResourceId {
        let text = TextPlace::InUnit(head.text_at(), head.text.len() as u32);
        self.push(Resource { text, shared })
    }

    /// The id of what a record is about: a new one, unless it has the text of the last one.
    pub(super) fn id(&mut self, record: &Record<'_>, shared: Option<ResourceId>) -> ResourceId {
        if let Some(last) = self.list.last()
            && let TextPlace::Copied(start, length) = last.text
            && *self.copied(start, length) == *record.text
        {
            let place = self.list.len() - 1;
            self.list[place].shared = last.shared.or(shared);
            return ResourceId::from(place as u32);
        }
        let text = TextPlace::Copied(self.texts.len(), record.text.len() as u32);
        self.texts.extend_from_slice(record.text);
        self.push(Resource { text, shared })
    }

    #[inline]
    fn push(&mut self, resource: Resource) -> ResourceId {
        self.list.push(resource);
        ResourceId::from(self.list.len() as u32 - 1)
    }
}
