//! Large tables of plain numbers, all 0 to begin with.
//!
//! What is looked up at random in a large table is rarely in the processor's caches, and neither is
//! the page table that says where it is. Pages of 2 MiB need so few entries that those stay near:
//! on Linux, large tables ask for such pages.

use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};

use bytemuck::Pod;
use memmap2::MmapMut;

/// From so many bytes on a table has pages of its own.
pub(super) const PAGE_BYTES: usize = 2 << 20;

/// A table that has one size for all its life, in memory of its own that lies in no file.
///
/// Invariant: as many bytes as the items have. The system's pages fit items of any alignment.
#[derive(Debug)]
pub(super) struct Pages<T>(MmapMut, PhantomData<T>);

/// A line of the cache: there is at least one.
const LINE_BYTES: usize = 64;

impl<T: Pod> Pages<T> {
    /// So many items, each 0, in whole lines of the cache.
    pub(super) fn new(count: usize) -> Pages<T> {
        let size = (count * size_of::<T>()).next_multiple_of(LINE_BYTES).max(LINE_BYTES);
        // Where the system has no memory left, this fails as everything does then.
        let pages = MmapMut::map_anon(size).unwrap_or_else(|_| no_memory(size));
        // Whether the system has large pages or not, it is the same memory.
        #[cfg(target_os = "linux")]
        if size >= PAGE_BYTES {
            let _ = pages.advise(memmap2::Advice::HugePage);
        }
        Pages(pages, PhantomData)
    }
}

#[cold]
fn no_memory(size: usize) -> MmapMut {
    let layout = std::alloc::Layout::from_size_align(size, LINE_BYTES);
    std::alloc::handle_alloc_error(layout.unwrap_or(std::alloc::Layout::new::<u64>()))
}

impl<T: Pod> Deref for Pages<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        bytemuck::cast_slice(&self.0)
    }
}

impl<T: Pod> DerefMut for Pages<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        bytemuck::cast_slice_mut(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_and_large_tables_are_0_and_keep_what_is_written() {
        const IN_A_PAGE: usize = PAGE_BYTES / 8;
        for count in [0, 8, IN_A_PAGE - 8, IN_A_PAGE, 2 * IN_A_PAGE + 8] {
            let mut words = Pages::<u64>::new(count);
            assert_eq!(words.len(), count.max(8));
            assert!(words.iter().all(|word| *word == 0));
            for (place, word) in words.iter_mut().enumerate().take(count).step_by(511) {
                *word = place as u64 + 1;
            }
            let written: Vec<_> = words.iter().enumerate().filter(|(_, word)| **word > 0).collect();
            assert!(written.iter().all(|(place, word)| **word == *place as u64 + 1));
            assert_eq!(written.len(), count.div_ceil(511));
        }
    }
}
