//! What the points of a design came to, replication by replication.

use onetrip_sim::stream::Stream;

/// The outputs of a design: for each point, in the order of the points, the values of its replications.
#[derive(Debug, Clone, PartialEq)]
pub struct Outputs {
    rows: Vec<Vec<f64>>,
    luck: Sharing,
}

/// Whether replication r is the same luck at every point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sharing {
    Common,
    Own,
}

impl Outputs {
    /// One value a point, that no luck enters.
    pub fn single(values: &[f64]) -> Outputs {
        Outputs { rows: values.iter().map(|value| vec![*value]).collect(), luck: Sharing::Own }
    }

    /// The same replications at every point (common random numbers): each row has the value of replication r at r.
    pub fn under_common_luck(rows: Vec<Vec<f64>>) -> Outputs {
        Outputs { rows, luck: Sharing::Common }
    }

    /// Replications of each point under luck of its own.
    pub fn under_own_luck(rows: Vec<Vec<f64>>) -> Outputs {
        Outputs { rows, luck: Sharing::Own }
    }

    /// The mean of each point over its replications; not a number where there is none.
    pub(super) fn means(&self) -> Vec<f64> {
        self.rows.iter().map(|row| row.iter().sum::<f64>() / row.len() as f64).collect()
    }

    /// Whether some point has no value.
    pub fn have_gaps(&self) -> bool {
        self.rows.iter().any(Vec::is_empty)
    }

    /// Whether replications can be drawn again.
    pub(super) fn are_replicated(&self) -> bool {
        self.rows.iter().any(|row| row.len() > 1)
    }

    /// The mean of each point over replications drawn with replacement: under common luck the same ones at every point.
    /// One fewer is drawn than there are, which makes the variance of a mean over few replications right (Rao and Wu
    /// 1988).
    pub(super) fn redrawn(&self, stream: &mut Stream) -> Vec<f64> {
        let mut draw = |count: usize| -> Vec<usize> {
            let most = count.saturating_sub(1).max(1);
            (0..most).map(|_| stream.below(count as u32) as usize).collect()
        };
        let mean = |row: &[f64], drawn: &[usize]| {
            drawn.iter().map(|replication| row[*replication]).sum::<f64>() / drawn.len() as f64
        };
        match self.luck {
            Sharing::Common => {
                let drawn = draw(self.rows.iter().map(Vec::len).min().unwrap_or(1));
                self.rows.iter().map(|row| mean(row, &drawn)).collect()
            }
            Sharing::Own => self.rows.iter().map(|row| mean(row, &draw(row.len()))).collect(),
        }
    }
}
