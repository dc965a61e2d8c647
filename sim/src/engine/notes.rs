//! The latest waits and sojourns, kept until there are enough of them to be put into the books together.
//!
//! The rows of the books lie far apart, too many for the nearest caches and for the processor's list of pages. Taken one
//! after the other in a short loop, many of them are on their way at once; taken at each event, every one would be waited for.

use crate::statistics::Statistics;
use crate::time::SimSpan;

/// So many are put into the books together: enough to have many rows on their way, few enough to stay in the nearest cache.
const COUNT: usize = 64;

/// A duration, and where it is to be counted.
#[derive(Clone, Copy, Default)]
struct Note {
    span: SimSpan,
    row: u32,
    hour: u32,
}

/// Durations that are not in the books yet.
pub(super) struct Notes {
    list: [Note; COUNT],
    /// Places that are free; the list is filled from its end.
    free: usize,
}

impl Notes {
    pub(super) fn new() -> Self {
        Notes { list: [Note::default(); COUNT], free: COUNT }
    }

    /// A duration is to be counted in a row of the books.
    #[inline(always)]
    pub(super) fn add(&mut self, statistics: &mut Statistics, row: usize, hour: usize, span: SimSpan) {
        self.free -= 1;
        // The remainder changes nothing, and says that there is such a place.
        self.list[self.free % COUNT] = Note { span, row: row as u32, hour: hour as u32 };
        if self.free == 0 {
            self.enter(statistics);
        }
    }

    /// Puts all notes into the books.
    #[inline(never)]
    pub(super) fn enter(&mut self, statistics: &mut Statistics) {
        for note in &self.list[self.free..] {
            statistics.record(note.row as usize, note.hour as usize, note.span);
        }
        self.free = COUNT;
    }
}
