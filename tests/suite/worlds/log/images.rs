//! Images are uploaded, taken of servers, copied, imported, and ended.

use super::{Log, Thing};

impl Log<'_> {
    /// `image.create` of anything; remembers the image.
    pub(super) fn create_image(&mut self, account: &str, region: &str, source: &str) -> Thing {
        let id = self.new_id("img");
        let bytes = self.some_bytes();
        let names_an_os = self.dice.chance(if source.is_empty() { 50 } else { 8 });
        let systems = ["linux", "ubuntu", "windows", "windows", "redhat", "mssql-web"];
        let os = if names_an_os { *self.dice.pick(&systems) } else { "" };
        let visibility =
            *self.dice.pick(&["", "", "", "", "", "private", "private", "community", "public"]);
        let labels = *self.dice.pick(&[
            "",
            "",
            "",
            "golden",
            "golden;licensed",
            "confidential;copyright",
            "untrusted",
            "credentials",
        ]);
        let fields = vec![
            ("region", region),
            ("resource", id.as_str()),
            ("source", source),
            ("bytes", bytes.as_str()),
            ("os", os),
            ("visibility", visibility),
            ("labels", labels),
        ];
        self.tell("image.create", account, fields);
        let is_open_to_all = matches!(visibility, "community" | "public");
        let image = Thing {
            id,
            owner: account.to_string(),
            region: region.to_string(),
            is_ended: false,
            members: Vec::new(),
            image: String::new(),
            is_open_to_all,
        };
        self.images.push(image.clone());
        image
    }

    pub(super) fn upload_image(&mut self) {
        let (account, region) = (self.some_account(), self.some_region());
        self.create_image(&account, &region, "");
    }

    /// An image taken of a server, rarely by another account or elsewhere.
    pub(super) fn take_image(&mut self) {
        let Some(server) = self.some_server() else { return };
        let account = if self.dice.chance(3) { self.some_account() } else { server.owner };
        let region = if self.dice.chance(3) { self.some_region() } else { server.region };
        self.create_image(&account, &region, &server.id);
    }

    /// A copy of an image to some region: mostly of one's own.
    pub(super) fn copy_image(&mut self) {
        let Some(image) = self.some_live_image() else { return };
        let region = self.some_region();
        let account = if self.dice.chance(30) { self.some_account() } else { image.owner };
        let source = if self.dice.chance(6) { "pub-debian" } else { image.id.as_str() };
        self.create_image(&account, &region, source);
    }

    pub(super) fn import_image(&mut self) {
        let Some(object) = self.some_object() else { return };
        let source = if self.dice.chance(10) { "gone-2".to_string() } else { object.id };
        self.create_image(&object.owner, &object.region, &source);
    }

    /// Deletes, deactivates or reactivates an image.
    pub(super) fn end_image(&mut self) {
        let Some(image) = self.some_live_image() else { return };
        let event = *self.dice.pick(&["image.delete", "image.deactivate", "image.reactivate"]);
        let account = self.mostly(&image.owner);
        self.tell(event, &account, vec![("resource", image.id.as_str())]);
        if event != "image.reactivate" {
            let may_be_used_again = self.dice.chance(30);
            if let Some(image) = self.image_mut(&image.id) {
                image.is_ended = !may_be_used_again;
            }
        }
    }
}
