//! Servers are created of some image, resized, rebuilt and deleted.

use super::{Log, Thing};

impl Log<'_> {
    /// An image that an account may boot, mostly; or one of the book's, none, or nonsense.
    fn image_to_boot(&mut self, account: &str) -> (String, Option<String>) {
        let strange = match self.dice.between(0, 29) {
            0 | 1 => Some("pub-debian".to_string()),
            2 => Some("base".to_string()),
            3 => Some(String::new()),
            4 => Some("gone-1".to_string()),
            5 => self.some_object().map(|object| object.id),
            6 => self.some_server().map(|server| server.id),
            _ => None,
        };
        if let Some(source) = strange {
            return (source, None);
        }
        if self.dice.chance(15) {
            let image = self.some_image();
            return image.map_or((String::new(), None), |image| (image.id, Some(image.region)));
        }
        let may_boot = |image: &&Thing| {
            let is_friend = image.members.iter().any(|member| member == account);
            !image.is_ended && (image.owner == account || is_friend || image.is_open_to_all)
        };
        let fitting: Vec<Thing> = self.images.iter().filter(may_boot).cloned().collect();
        let image = self.dice.pick_any(&fitting);
        image.map_or(("pub-suse".to_string(), None), |image| (image.id, Some(image.region)))
    }

    pub(super) fn create_server(&mut self) {
        let account = self.some_account();
        let (source, region_of_image) = self.image_to_boot(&account);
        let region = match region_of_image {
            Some(region) if self.dice.chance(92) => region,
            _ => self.some_region(),
        };
        self.create_server_of(&account, &region, &source);
    }

    pub(super) fn create_server_of(&mut self, account: &str, region: &str, source: &str) -> Thing {
        let id = self.new_id("srv");
        let flavor = self.some_flavor();
        let os = *self.dice.pick(&["", "", "", "", "windows", "linux", "redhat"]);
        let fields = vec![
            ("region", region),
            ("resource", id.as_str()),
            ("source", source),
            ("flavor", flavor.as_str()),
            ("os", os),
        ];
        self.tell("server.create", account, fields);
        let server = Thing {
            id,
            owner: account.to_string(),
            region: region.to_string(),
            is_ended: false,
            members: Vec::new(),
            image: source.to_string(),
            is_open_to_all: false,
        };
        self.servers.push(server.clone());
        server
    }

    pub(super) fn resize_server(&mut self) {
        let Some(server) = self.some_server() else { return };
        let (account, flavor) = (self.mostly(&server.owner), self.some_flavor());
        let fields = vec![("resource", server.id.as_str()), ("flavor", flavor.as_str())];
        self.tell("server.resize", &account, fields);
    }

    /// Rebuilds a server: to the image that it runs, to an image taken of it, or to any other.
    pub(super) fn rebuild_server(&mut self) {
        let Some(server) = self.some_server() else { return };
        let account = self.mostly(&server.owner);
        let source = match self.dice.between(0, 9) {
            0 | 1 => server.image.clone(),
            _ => self.image_to_boot(&server.owner).0,
        };
        if source.is_empty() {
            return;
        }
        let os = if self.dice.chance(4) { "redhat" } else { "" };
        let fields =
            vec![("resource", server.id.as_str()), ("source", source.as_str()), ("os", os)];
        self.tell("server.rebuild", &account, fields);
        if let Some(server) = self.servers.iter_mut().find(|known| known.id == server.id) {
            server.image = source;
        }
    }

    pub(super) fn delete_server(&mut self) {
        let Some(server) = self.some_server() else { return };
        let account = self.mostly(&server.owner);
        self.tell("server.delete", &account, vec![("resource", server.id.as_str())]);
        if let Some(server) = self.servers.iter_mut().find(|known| known.id == server.id) {
            server.is_ended = true;
        }
    }
}
