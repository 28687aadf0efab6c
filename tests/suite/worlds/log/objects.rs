//! Objects are exported, uploaded and deleted, and data is transferred.

use super::{Log, Thing};

impl Log<'_> {
    /// An object from an image (an export) or from nothing (an upload).
    pub(super) fn export_image(&mut self) {
        let Some(image) = self.some_live_image() else { return };
        let account = if self.dice.chance(25) { self.some_account() } else { image.owner.clone() };
        let source = match self.dice.between(0, 19) {
            0 => "pub-debian",
            1 => "gone-3",
            2..=5 => "",
            _ => image.id.as_str(),
        };
        self.create_object(&account, &image.region, source);
    }

    pub(super) fn create_object(&mut self, account: &str, region: &str, source: &str) -> Thing {
        let id = self.new_id("obj");
        let bytes = self.some_bytes();
        let os = if self.dice.chance(10) { "ubuntu" } else { "" };
        let fields = vec![
            ("region", region),
            ("resource", id.as_str()),
            ("source", source),
            ("bytes", bytes.as_str()),
            ("os", os),
        ];
        self.tell("object.create", account, fields);
        let object = Thing {
            id,
            owner: account.to_string(),
            region: region.to_string(),
            is_ended: false,
            members: Vec::new(),
            image: String::new(),
            is_open_to_all: false,
        };
        self.objects.push(object.clone());
        object
    }

    pub(super) fn delete_object(&mut self) {
        let Some(object) = self.some_object() else { return };
        let account = self.mostly(&object.owner);
        self.tell("object.delete", &account, vec![("resource", object.id.as_str())]);
    }

    /// Data leaves: of something known, mostly from where it is, or of something unknown.
    pub(super) fn transfer(&mut self) {
        let things = [self.some_object(), self.some_server(), self.some_image()];
        let (account, elsewhere, bytes) =
            (self.some_account(), self.some_region(), self.some_bytes());
        let thing = self.dice.pick(&things).clone();
        let (resource, region) = match thing {
            Some(thing) if self.dice.chance(90) => (thing.id, thing.region),
            Some(thing) => (thing.id, elsewhere),
            None => ("unheard-of".to_string(), elsewhere),
        };
        let fields = vec![
            ("region", region.as_str()),
            ("resource", resource.as_str()),
            ("bytes", bytes.as_str()),
        ];
        self.tell("transfer.out", &account, fields);
    }
}
