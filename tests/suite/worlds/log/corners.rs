//! Corners of the rules: what is impossible, what lives for a moment, minds that change, and images
//! handed down from account to account.

use super::super::time::SECOND;
use super::Log;

impl Log<'_> {
    /// Events on what never was, what is of another kind, or what was created before.
    pub(super) fn tell_the_impossible(&mut self) {
        let account = self.some_account();
        let unknown = self.dice.pick(&["nope-1", "pub-debian", "img-1", "srv-2"]).to_string();
        let resource = vec![("resource", unknown.as_str())];
        match self.dice.between(0, 5) {
            0 => self.tell("server.delete", &account, resource),
            1 => self.tell("image.delete", &account, resource),
            2 => self.tell("object.delete", &account, resource),
            3 => {
                let fields = vec![("resource", unknown.as_str()), ("member", "a0")];
                self.tell("image.member.create", &account, fields);
            }
            _ => {
                let known = [self.some_image(), self.some_server(), self.some_object()];
                let Some(thing) = self.dice.pick(&known).clone() else { return };
                let event = *self.dice.pick(&["image.create", "server.create", "object.create"]);
                let fields = vec![
                    ("region", thing.region.as_str()),
                    ("resource", thing.id.as_str()),
                    ("bytes", if event == "server.create" { "" } else { "1000000" }),
                    ("flavor", if event == "server.create" { "f1" } else { "" }),
                ];
                self.tell(event, &account, fields);
            }
        }
    }

    /// Things that live for no time at all, or for a microsecond.
    pub(super) fn live_for_a_moment(&mut self) {
        let (account, region) = (self.some_account(), self.some_region());
        let moment = *self.dice.pick(&[0, 0, 1, 3600 * SECOND, 3600 * SECOND + 1]);
        let (event, id) = match self.dice.between(0, 3) {
            0 => ("image.delete", self.create_image(&account, &region, "").id),
            1 => ("object.delete", self.create_object(&account, &region, "").id),
            _ => ("server.delete", self.create_server_of(&account, &region, "pub-debian").id),
        };
        self.now += moment;
        self.tell(event, &account, vec![("resource", id.as_str())]);
        for things in [&mut self.images, &mut self.servers] {
            for thing in things.iter_mut().filter(|thing| thing.id == id) {
                thing.is_ended = true;
            }
        }
    }

    /// A member rejects, rejects again, accepts, leaves and joins again.
    pub(super) fn change_minds(&mut self) {
        let Some(image) = self.some_live_image() else { return };
        let member = self.some_account();
        self.share_with(&image, &member);
        for _ in 0..self.dice.between(1, 5) {
            self.pass_time();
            match self.dice.between(0, 9) {
                0..=4 => self.update_status(&image, &member, "rejected"),
                5 => self.update_status(&image, &member, "accepted"),
                6 | 7 => self.unshare_with(&image, &member),
                _ => self.share_with(&image, &member),
            }
        }
    }

    /// An image goes from account to account: shared, booted, taken again, sometimes rebuilt,
    /// exported, imported or copied in between, and sometimes the ancestors are deleted.
    pub(super) fn hand_down(&mut self) {
        let Some(mut image) = self.some_live_image() else { return };
        for _ in 0..self.dice.between(2, 4) {
            let consumer = self.some_account();
            self.share_with(&image, &consumer);
            self.pass_time();
            let server = self.create_server_of(&consumer, &image.region, &image.id);
            self.pass_time();
            let mut next = self.create_image(&consumer, &server.region, &server.id);
            self.pass_time();
            match self.dice.between(0, 5) {
                0 => {
                    let object = self.create_object(&consumer, &next.region, &next.id);
                    self.pass_time();
                    next = self.create_image(&consumer, &object.region, &object.id);
                }
                1 => {
                    let region = self.some_region();
                    next = self.create_image(&consumer, &region, &next.id);
                }
                2 => {
                    let source =
                        if self.dice.chance(50) { next.id.clone() } else { "pub-x".to_string() };
                    let fields = vec![("resource", server.id.as_str()), ("source", &source)];
                    self.tell("server.rebuild", &consumer, fields);
                }
                3 => {
                    self.tell("image.delete", &image.owner, vec![("resource", &image.id)]);
                    self.tell("server.delete", &consumer, vec![("resource", &server.id)]);
                }
                _ => {}
            }
            image = next;
        }
    }
}
