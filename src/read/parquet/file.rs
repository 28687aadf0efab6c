//! A file that several threads read different parts of.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, Length};

/// Bytes with places, read under a lock.
///
/// The crate's own reader of files duplicates the handle, and duplicates share one position: two
/// threads would read each other's pages.
#[derive(Debug)]
pub struct SharedFile<F> {
    file: Arc<Mutex<F>>,
    length: u64,
}

/// Reads on from a place in a [`SharedFile`].
#[derive(Debug)]
pub struct ReadFrom<F> {
    file: Arc<Mutex<F>>,
    at: u64,
}

impl<F: Read + Seek> SharedFile<F> {
    /// Takes a file over.
    ///
    /// # Errors
    /// What seeking to its end gives.
    pub fn new(mut file: F) -> std::io::Result<SharedFile<F>> {
        let length = file.seek(SeekFrom::End(0))?;
        Ok(SharedFile { file: Arc::new(Mutex::new(file)), length })
    }
}

impl<F: Read + Seek> Read for ReadFrom<F> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        // Whoever panicked left no state behind but the position, which is set anew.
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let count = file.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl<F> Length for SharedFile<F> {
    fn len(&self) -> u64 {
        self.length
    }
}

impl<F: Read + Seek + Send> ChunkReader for SharedFile<F> {
    type T = BufReader<ReadFrom<F>>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let from = ReadFrom { file: Arc::clone(&self.file), at: start };
        // It reads the header of a page, some dozens of bytes.
        Ok(BufReader::with_capacity(512, from))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let is_inside = start.checked_add(length as u64).is_some_and(|end| end <= self.length);
        if !is_inside {
            return Err(ParquetError::EOF("it ends before its pages do".to_owned()));
        }
        let mut bytes = vec![0; length];
        let mut from = ReadFrom { file: Arc::clone(&self.file), at: start };
        from.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}
