//! How much memory a run may take.

use std::str::FromStr;

use crate::disk;

/// A number of bytes, like `2GB`, `512MiB` or `1000000`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory(u64);

impl FromStr for Memory {
    type Err = String;

    fn from_str(text: &str) -> Result<Memory, String> {
        match bytes_of(text) {
            Some(bytes) if bytes >= LEAST => Ok(Memory(bytes)),
            Some(_) => Err("at least 64MB are needed".to_owned()),
            None => Err("write a size like 2GB, 512MiB or 1000000".to_owned()),
        }
    }
}

/// The number of bytes that a text says: digits and, if it has one, a unit.
pub(super) fn bytes_of(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim_start().to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" => 1_000,
        "M" | "MB" => 1_000_000,
        "G" | "GB" => 1_000_000_000,
        "T" | "TB" => 1_000_000_000_000,
        "KIB" => 1 << 10,
        "MIB" => 1 << 20,
        "GIB" => 1 << 30,
        "TIB" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor))
}

/// Less would be all scratch files.
const LEAST: u64 = 64_000_000;

impl Memory {
    /// Half of what the machine has.
    pub(super) fn usual() -> Memory {
        let text = disk::read("/proc/meminfo").unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
        let kib = total.and_then(|rest| rest.trim().strip_suffix("kB"));
        let kib = kib.and_then(|kib| kib.trim().parse::<u64>().ok());
        Memory(kib.map_or(2 << 30, |kib| kib * 1024 / 2).max(LEAST))
    }

    /// The part of it that events may take that have to be sorted: the rest is for what is alive.
    pub(super) fn for_sorting(self) -> usize {
        usize::try_from(self.0 / 2).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_thousands_and_in_powers_of_two() {
        let bytes = |text: &str| text.parse::<Memory>().map(|memory| memory.0);
        assert_eq!(bytes("2GB"), Ok(2_000_000_000));
        assert_eq!(bytes("2 gib"), Ok(2 << 30));
        assert_eq!(bytes("100000000"), Ok(100_000_000));
        assert_eq!(bytes("512MiB"), Ok(512 << 20));
        assert_eq!(bytes("2TB"), Ok(2_000_000_000_000));
        for wrong in ["", "2", "GB", "2TB2", "-1GB", "99999999999999999999GB"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
        assert!(Memory::usual().for_sorting() >= 32_000_000);
    }
}
