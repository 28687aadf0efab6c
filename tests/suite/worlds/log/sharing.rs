//! Images are shared with members, who accept or reject, and are unshared.

use super::{Log, Thing};

impl Log<'_> {
    /// Shares an image, mostly by its owner with another account, sometimes again or with itself.
    pub(super) fn share(&mut self) {
        let Some(image) = self.some_live_image() else { return };
        let member = self.some_account();
        self.share_with(&image, &member);
    }

    pub(super) fn share_with(&mut self, image: &Thing, member: &str) {
        let account = self.mostly(&image.owner);
        let fields = vec![("resource", image.id.as_str()), ("member", member)];
        self.tell("image.member.create", &account, fields);
        if let Some(image) = self.image_mut(&image.id) {
            image.members.push(member.to_string());
        }
    }

    /// A member accepts or rejects, sometimes by another account, sometimes without being one.
    pub(super) fn update_member(&mut self) {
        let shared: Vec<Thing> =
            self.images.iter().filter(|image| !image.members.is_empty()).cloned().collect();
        let Some(image) = self.dice.pick_any(&shared) else { return };
        let is_stranger = self.dice.chance(5);
        let member =
            if is_stranger { self.some_account() } else { self.dice.pick(&image.members).clone() };
        let status = *self.dice.pick(&["accepted", "rejected", "rejected", "pending"]);
        self.update_status(&image, &member, status);
    }

    pub(super) fn update_status(&mut self, image: &Thing, member: &str, status: &str) {
        let account = self.mostly(member);
        let fields = vec![("resource", image.id.as_str()), ("member", member), ("status", status)];
        self.tell("image.member.update", &account, fields);
    }

    pub(super) fn unshare(&mut self) {
        let shared: Vec<Thing> =
            self.images.iter().filter(|image| !image.members.is_empty()).cloned().collect();
        let Some(image) = self.dice.pick_any(&shared) else { return };
        let member = self.dice.pick(&image.members).clone();
        self.unshare_with(&image, &member);
    }

    pub(super) fn unshare_with(&mut self, image: &Thing, member: &str) {
        let account = self.mostly(&image.owner);
        let fields = vec![("resource", image.id.as_str()), ("member", member)];
        self.tell("image.member.delete", &account, fields);
        if let Some(image) = self.image_mut(&image.id) {
            image.members.retain(|known| known != member);
        }
    }
}
