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

/// A table that has one size for all its life.
#[derive(Debug)]
pub(super) struct Pages<T>(Memory, PhantomData<T>);

/// Invariant: as many bytes as the items have. The system's pages fit items of any alignment.
#[derive(Debug)]
enum Memory {
    Few(Vec<Line>),
    /// Memory of the system's own, that lies in no file.
    Many(MmapMut),
}

/// A line of the cache: items that are as long lie in one.
#[derive(Debug, Clone, Copy, bytemuck::Pod, bytemuck::Zeroable)]
#[repr(C, align(64))]
struct Line([u64; 8]);

impl<T: Pod> Pages<T> {
    /// So many items, each 0, in whole lines of the cache.
    pub(super) fn new(count: usize) -> Pages<T> {
        let size = (count * size_of::<T>()).next_multiple_of(size_of::<Line>());
        let pages = (size >= PAGE_BYTES).then(|| MmapMut::map_anon(size).ok()).flatten();
        // Where the system has no memory left, the usual way fails as it always does.
        let Some(pages) = pages else {
            let lines = bytemuck::zeroed_vec(size / size_of::<Line>());
            return Pages(Memory::Few(lines), PhantomData);
        };
        // Whether the system has such pages or not, it is the same memory.
        #[cfg(target_os = "linux")]
        let _ = pages.advise(memmap2::Advice::HugePage);
        Pages(Memory::Many(pages), PhantomData)
    }
}

impl<T: Pod> Deref for Pages<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        match &self.0 {
            Memory::Few(lines) => bytemuck::cast_slice(lines),
            Memory::Many(pages) => bytemuck::cast_slice(pages),
        }
    }
}

impl<T: Pod> DerefMut for Pages<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Memory::Few(lines) => bytemuck::cast_slice_mut(lines),
            Memory::Many(pages) => bytemuck::cast_slice_mut(pages),
        }
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
            assert_eq!(words.len(), count);
            assert!(words.iter().all(|word| *word == 0));
            for (place, word) in words.iter_mut().enumerate().step_by(511) {
                *word = place as u64 + 1;
            }
            let written: Vec<_> = words.iter().enumerate().filter(|(_, word)| **word > 0).collect();
            assert!(written.iter().all(|(place, word)| **word == *place as u64 + 1));
            assert_eq!(written.len(), count.div_ceil(511));
        }
    }
}
