//! How much of an input is read: a small file that decompresses to terabytes is to stop a run, and
//! not the machine.

use std::io::{self, Read};
use std::str::FromStr;

use thiserror::Error;

use crate::cli::memory::bytes_of;
use crate::diagnostic::{Code, Diagnostic};

/// How often its size on disk a compressed input may have, where nobody says how much is read.
/// Event logs come to 5 to 60 times; deflate can do 1,032, zstd far more.
const MOST_TIMES: u64 = 200;

/// What is not asked about, however well it is compressed.
const ALWAYS: u64 = 1 << 30;

/// How much of each input is read, decompressed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Allowance {
    /// What the user says; else compressed inputs are held to [`MOST_TIMES`].
    pub(super) most: Option<Size>,
}

/// A number of bytes that somebody wrote, like `20GB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Size(u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Size, String> {
        let size = bytes_of(text).filter(|bytes| *bytes > 0).map(Size);
        size.ok_or_else(|| "write a size like 20GB, 512MiB or 1000000".to_owned())
    }
}

/// An input that is larger than may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("it is too large")]
pub(super) struct TooLarge {
    most: Option<u64>,
}

impl TooLarge {
    /// What to say about the input of this name.
    pub(super) fn explain(self, name: &str) -> Diagnostic {
        let (message, help) = match self.most {
            Some(most) => (
                format!(
                    "`{name}` has more than {most} bytes, decompressed: --max-input allows no more"
                ),
                format!("allow more, like --max-input {}, or cut the input into parts", 2 * most),
            ),
            None => (
                format!(
                    "`{name}` decompresses to more than 1 GiB, and to more than {MOST_TIMES} times \
                     its size on disk"
                ),
                "logs are not as regular as that; if this one is, say how much may be read, like \
                 --max-input 100GB"
                    .to_owned(),
            ),
        };
        Diagnostic::error(Code::InputTooLarge, message).help(help)
    }
}

impl Allowance {
    /// Refuses an input of which so many bytes have been read, out of so many compressed ones.
    ///
    /// # Errors
    /// [`TooLarge`], inside.
    pub(super) fn check(self, read: u64, compressed: Option<u64>) -> io::Result<()> {
        let most = self.most.map(|Size(most)| most);
        let is_too_large = match (most, compressed) {
            (Some(most), _) => read > most,
            (None, Some(size)) => read > ALWAYS && read / MOST_TIMES > size,
            (None, None) => false,
        };
        if is_too_large { Err(io::Error::other(TooLarge { most })) } else { Ok(()) }
    }

    /// Reads to the end.
    ///
    /// # Errors
    /// What the input says, and [`TooLarge`].
    pub(super) fn read_to_end(
        self,
        mut input: impl Read,
        compressed: Option<u64>,
        bytes: &mut Vec<u8>,
    ) -> io::Result<()> {
        const PIECE: u64 = 4 << 20;
        while input.by_ref().take(PIECE).read_to_end(bytes)? > 0 {
            self.check(bytes.len() as u64, compressed)?;
        }
        Ok(())
    }
}

/// The refusal in an error, if it is one.
pub(super) fn too_large(error: &io::Error) -> Option<TooLarge> {
    error.get_ref().and_then(|error| error.downcast_ref()).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_bounded_by_what_is_said_or_else_by_what_is_on_disk() {
        let is_refused = |most: Option<&str>, read, compressed| {
            let most = most.map(|text| text.parse().expect("a size"));
            Allowance { most }.check(read, compressed).is_err()
        };
        // Said: the size is what counts, compressed or not.
        assert!(!is_refused(Some("1KB"), 1000, None));
        assert!(is_refused(Some("1KB"), 1001, None));
        assert!(is_refused(Some("1KB"), 1001, Some(900)));
        assert!(!is_refused(Some("10GB"), 10_000_000_000, Some(1)));
        // Not said: plain files are what they are; compressed ones may grow.
        assert!(!is_refused(None, u64::MAX, None));
        assert!(!is_refused(None, ALWAYS, Some(1)));
        assert!(is_refused(None, ALWAYS + 1, Some(1)));
        let size = 10_000_000;
        assert!(!is_refused(None, MOST_TIMES * size + MOST_TIMES - 1, Some(size)));
        assert!(is_refused(None, MOST_TIMES * (size + 1), Some(size)));
    }

    #[test]
    fn a_stream_without_end_is_read_as_far_as_is_allowed() {
        let mut bytes = Vec::new();
        let allowance = Allowance { most: "9MB".parse().ok() };
        let error = allowance.read_to_end(io::repeat(b'x'), None, &mut bytes).expect_err("no end");
        assert_eq!(too_large(&error), Some(TooLarge { most: Some(9_000_000) }));
        assert!(bytes.len() < 14_000_000, "{}", bytes.len());
        for wrong in ["", "0", "GB", "-1GB", "1e9"] {
            assert!(wrong.parse::<Size>().is_err(), "{wrong}");
        }
    }
}
