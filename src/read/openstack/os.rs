//! The operating system, as the word that a price book has licence rates for.
//!
//! OpenStack spells it in three properties, which clouds fill as they please: `os_distro`
//! (`ubuntu`, `rhel`, `windows`), `org.openstack__1__os_distro` (`com.ubuntu`,
//! `com.microsoft.server`) and `os_type` (`linux`, `windows`). They are asked in this order, the
//! record before its image's properties, with two exceptions where money hangs on it:
//! - `os_type = windows` beats any distro but Microsoft's SQL servers': a distro such as `win2k8`
//!   would find no rate.
//! - `linux` is never written. It is the product's default, needs no licence, and written on a
//!   server or on an image of one it would hide the licence that its source brings along.

use crate::read::foreign::fields::Fields;

/// The word for `os`, or nothing; `places` in the order in which they are believed.
pub(super) fn word(places: &[Option<Fields<'_>>]) -> String {
    let first = |key: &str| {
        let told = places.iter().flatten().find_map(|place| place.text(key));
        told.map(|text| native_word(&text)).unwrap_or_default()
    };
    let (distro, old_distro) = (first("os_distro"), first("org.openstack__1__os_distro"));
    let os_type = first("os_type");
    let distro = if distro.is_empty() { old_distro } else { distro };
    let word = match os_type.as_str() {
        "windows" if !distro.starts_with("mssql") => os_type,
        _ if distro.is_empty() => os_type,
        _ => distro,
    };
    if word == "linux" { String::new() } else { word }
}

/// `com.ubuntu` is `ubuntu`; Microsoft's and Red Hat's names become the native words.
fn native_word(text: &str) -> String {
    let lower = text.to_lowercase();
    let mut labels = lower.split('.');
    let name = match labels.next() {
        Some("com" | "org" | "net") => labels.next().unwrap_or_default(),
        Some(_) | None => lower.as_str(),
    };
    match name {
        "rhel" => "redhat".to_string(),
        "microsoft" => "windows".to_string(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, Value};

    #[test]
    fn words_are_those_of_price_books() {
        // os_distro, org.openstack__1__os_distro, os_type -> os
        let cases = [
            ("ubuntu", "com.debian", "linux", "ubuntu"),
            ("", "com.ubuntu", "linux", "ubuntu"),
            ("", "com.microsoft.server", "windows", "windows"),
            ("", "com.microsoft.server", "", "windows"),
            ("win2k8", "", "windows", "windows"),
            ("mssql-web", "", "windows", "mssql-web"),
            ("rhel", "", "linux", "redhat"),
            ("", "com.redhat", "linux", "redhat"),
            ("Windows", "", "", "windows"),
            ("", "", "windows", "windows"),
            ("", "", "linux", ""),
            ("linux", "", "", ""),
            ("", "", "", ""),
        ];
        for (distro, old_distro, os_type, expected) in cases {
            let mut map = Map::new();
            for (key, value) in [
                ("os_distro", distro),
                ("org.openstack__1__os_distro", old_distro),
                ("os_type", os_type),
            ] {
                map.insert(key.to_string(), Value::from(value));
            }
            assert_eq!(word(&[None, Some(Fields::new(&map))]), expected, "{distro} {old_distro}");
        }
    }
}
