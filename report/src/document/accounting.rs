//! What became of everybody who came.

use crate::words::Words;
use onetrip_models::system::System;
use onetrip_sim::statistics::{Accounting, Statistics};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everybody who came in all runs together: `arrived` is the sum of the other three.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct AccountingPart {
    /// Runs (days of all replications) added up here.
    pub runs: u64,
    /// Came in.
    pub arrived: u64,
    /// Left with everything done.
    pub completed: u64,
    /// Left without being served.
    pub left_without_being_seen: u64,
    /// Inside when the run ended.
    pub still_inside: u64,
    /// The same by class.
    pub by_class: Vec<ClassAccounting>,
}

/// What became of one class.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClassAccounting {
    /// Name of the class.
    pub class: Words,
    /// Came in.
    pub arrived: u64,
    /// Left with everything done.
    pub completed: u64,
    /// Left without being served.
    pub left_without_being_seen: u64,
    /// Inside when the run ended.
    pub still_inside: u64,
}

impl AccountingPart {
    pub(super) fn new(system: &System, statistics: &Statistics) -> AccountingPart {
        let Accounting { arrived, completed, left_without_being_seen, still_inside } =
            statistics.accounting_total();
        let by_class = system
            .classes()
            .iter()
            .zip(&statistics.accounting)
            .map(|(class, account)| ClassAccounting {
                class: class.into(),
                arrived: account.arrived,
                completed: account.completed,
                left_without_being_seen: account.left_without_being_seen,
                still_inside: account.still_inside,
            })
            .collect();
        AccountingPart {
            runs: statistics.run_count,
            arrived,
            completed,
            left_without_being_seen,
            still_inside,
            by_class,
        }
    }
}
