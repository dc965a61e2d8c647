//! The desk's clock: wall time that never goes backwards while the desk runs.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::domain::Moment;

/// Source of "now" for holds and stamps.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    latest_ms: AtomicI64,
}

impl Clock {
    /// The present instant; an operator setting the machine's clock back makes it stand still, not return.
    pub(crate) fn now(&self) -> Moment {
        let wall_ms = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| i64::try_from(since.as_millis()).ok())
            .unwrap_or(0);
        let before_ms = self.latest_ms.fetch_max(wall_ms, Ordering::AcqRel);
        Moment(wall_ms.max(before_ms))
    }
}
