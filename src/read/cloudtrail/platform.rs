//! Operating systems, as the words that a price book has licence rates for.

/// The word for what AWS calls a platform (`windows`) or platform details (`Red Hat Enterprise
/// Linux`, `Windows with SQL Server Web`); nothing for plain Linux, which needs no licence and
/// would, written on a server, hide the licence that its image brings along.
pub(super) fn word(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let edition = lower.strip_prefix("windows with sql server ");
    match (lower.as_str(), edition) {
        // Whoever brings a licence along pays the price of Linux.
        ("" | "linux" | "linux/unix" | "windows byol" | "red hat byol linux", _) => String::new(),
        ("red hat enterprise linux", _) => "redhat".to_string(),
        ("suse linux", _) => "suse".to_string(),
        (_, Some(edition)) => format!("mssql-{edition}"),
        (other, None) => other.replace(['/', ' ', ';', ','], "-"),
    }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn platforms_are_the_words_of_price_books() {
        let cases = [
            ("", ""),
            ("Linux/UNIX", ""),
            ("windows", "windows"),
            ("Windows", "windows"),
            ("Windows with SQL Server Web", "mssql-web"),
            ("Windows BYOL", ""),
            ("SQL Server Standard", "sql-server-standard"),
            ("Windows with SQL Server Enterprise", "mssql-enterprise"),
            ("Red Hat Enterprise Linux", "redhat"),
            ("SUSE Linux", "suse"),
            ("Ubuntu Pro", "ubuntu-pro"),
            ("Red Hat Enterprise Linux with HA", "red-hat-enterprise-linux-with-ha"),
        ];
        for (told, expected) in cases {
            assert_eq!(word(told), expected, "{told}");
        }
    }
}
