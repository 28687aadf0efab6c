//! Names as small integers inside, as text at the edges.

use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use rustc_hash::FxHashMap;

/// Gives each distinct text a small integer of kind `K`, and the text back.
#[derive(Debug, Clone)]
pub struct Interner<K> {
    ids: FxHashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
    kind: PhantomData<K>,
}

impl<K> Default for Interner<K> {
    fn default() -> Self {
        Interner { ids: FxHashMap::default(), texts: Vec::new(), kind: PhantomData }
    }
}

impl<K: From<u32> + Into<u32>> Interner<K> {
    /// The id of a text, new or known.
    ///
    /// # Panics
    /// Past 2^32 distinct texts, which no memory holds.
    pub fn intern(&mut self, text: &str) -> K {
        if let Some(&id) = self.ids.get(text) {
            return K::from(id);
        }
        let id = u32::try_from(self.texts.len()).expect("invariant: fewer than 2^32 names");
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.ids.insert(text, id);
        K::from(id)
    }

    /// The id of a text that has been seen.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<K> {
        self.ids.get(text).copied().map(K::from)
    }

    /// The text of an id.
    #[must_use]
    pub fn text(&self, id: K) -> &str {
        &self.texts[id.into() as usize]
    }

    /// How many distinct texts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// A name that is an integer inside and cannot be taken for a name of another kind. It is stored
/// as one more, so that an absent one takes no room: there are millions of these.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(NonZeroU32);

        impl From<u32> for $name {
            fn from(id: u32) -> Self {
                // 2^32 - 1 is nobody's: it stands for nobody as well as the one before it.
                $name(NonZeroU32::MIN.saturating_add(id))
            }
        }

        impl From<$name> for u32 {
            fn from(id: $name) -> u32 {
                id.0.get() - 1
            }
        }

        impl $name {
            /// The id as an index into a table with one entry a name.
            #[must_use]
            pub fn index(self) -> usize {
                (self.0.get() - 1) as usize
            }
        }
    )* };
}

ids! {
    /// An account: who pays (in OpenStack, a project).
    AccountId,
    /// An image, a server or an object.
    ResourceId,
    /// A region.
    RegionId,
    /// A flavor of servers.
    FlavorId,
    /// An operating system, as far as licences care.
    OsId,
    /// A service level, which support is charged by.
    LevelId,
    /// The labels of an image, as one text.
    LabelsId,
    /// The id of an event.
    EventId,
}

impl OsId {
    /// `linux`: what runs where nobody says what.
    pub const LINUX: OsId = OsId(NonZeroU32::MIN);
}

/// All names of one run: of the book and of the events.
///
/// Invariant: the first operating system is `linux`.
#[derive(Debug, Clone)]
pub struct Names {
    /// Accounts.
    pub accounts: Interner<AccountId>,
    /// Images, servers and objects.
    pub resources: Interner<ResourceId>,
    /// Regions.
    pub regions: Interner<RegionId>,
    /// Flavors.
    pub flavors: Interner<FlavorId>,
    /// Operating systems.
    pub systems: Interner<OsId>,
    /// Service levels.
    pub levels: Interner<LevelId>,
    /// Label texts.
    pub labels: Interner<LabelsId>,
    /// Event ids.
    pub events: Interner<EventId>,
}

/// Whoever knows the texts of images, servers and objects.
pub trait ResourceTexts {
    /// The text of an id.
    fn text(&self, id: ResourceId) -> &str;

    /// The bytes of an id's text, where nobody needs to know again that they are a text.
    fn bytes(&self, id: ResourceId) -> &[u8] {
        self.text(id).as_bytes()
    }
}

impl ResourceTexts for Interner<ResourceId> {
    fn text(&self, id: ResourceId) -> &str {
        Interner::text(self, id)
    }
}

/// Whoever gives the names in an event log their ids.
pub trait NameIds {
    /// The id of an account.
    fn account(&mut self, text: &str) -> AccountId;
    /// The id of an image, server or object.
    fn resource(&mut self, text: &str) -> ResourceId;
    /// The same, of one that others probably name as well.
    fn known_resource(&mut self, text: &str) -> ResourceId {
        self.resource(text)
    }
    /// The id of a region.
    fn region(&mut self, text: &str) -> RegionId;
    /// The id of a flavor.
    fn flavor(&mut self, text: &str) -> FlavorId;
    /// The id of an operating system.
    fn system(&mut self, text: &str) -> OsId;
    /// The id of a text of labels.
    fn labels(&mut self, text: &str) -> LabelsId;
    /// The id of an event's id.
    fn event(&mut self, text: &str) -> EventId;
}

impl NameIds for Names {
    fn account(&mut self, text: &str) -> AccountId {
        self.accounts.intern(text)
    }

    fn resource(&mut self, text: &str) -> ResourceId {
        self.resources.intern(text)
    }

    fn region(&mut self, text: &str) -> RegionId {
        self.regions.intern(text)
    }

    fn flavor(&mut self, text: &str) -> FlavorId {
        self.flavors.intern(text)
    }

    fn system(&mut self, text: &str) -> OsId {
        self.systems.intern(text)
    }

    fn labels(&mut self, text: &str) -> LabelsId {
        self.labels.intern(text)
    }

    fn event(&mut self, text: &str) -> EventId {
        self.events.intern(text)
    }
}

impl Default for Names {
    fn default() -> Names {
        let mut systems = Interner::default();
        systems.intern("linux");
        Names {
            accounts: Interner::default(),
            resources: Interner::default(),
            regions: Interner::default(),
            flavors: Interner::default(),
            systems,
            levels: Interner::default(),
            labels: Interner::default(),
            events: Interner::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_id_and_an_id_one_text() {
        let mut names = Interner::<AccountId>::default();
        let (a, b) = (names.intern("a"), names.intern("b"));
        assert_ne!(a, b);
        assert_eq!(names.intern("a"), a);
        assert_eq!(names.text(b), "b");
        assert_eq!((names.find("b"), names.find("c")), (Some(b), None));
    }
}
