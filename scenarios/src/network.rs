//! Plain queueing networks in files (`format = "network/1"`): sources of customers, stations, and the journeys between.
//!
//! ```
//! use onetrip_scenarios::network::read_network;
//! use onetrip_scenarios::reader::Document;
//!
//! let text = r#"
//!     format = "network/1"
//!     title = "one server"
//!     [run]
//!     horizon = "30 days"
//!     warm_up = "1 day"
//!     [[arrivals]]
//!     name = "customers"
//!     rate = "10 per hour"
//!     journey = ["desk"]
//!     [[station]]
//!     name = "desk"
//!     servers = 1
//!     service_time = { law = "exponential", mean = "3 min" }
//! "#;
//! let reading = read_network(Document::parse("desk.toml", text)).unwrap();
//! assert_eq!(reading.value.stations[0].plan.name, "desk");
//! ```
//!
//! A file is read in two passes: each table by itself into what is written (`arrivals.rs`, `station.rs`, `steps.rs`), then
//! the whole, where names find each other (`assembly.rs`, `hall.rs`, `journeys.rs`, `plans.rs`). Both report; all mistakes come at once.

mod arrivals;
mod assembly;
mod format;
mod hall;
mod instant;
mod journeys;
mod outage;
mod plans;
mod rate;
mod stability;
mod station;
mod steps;
#[cfg(test)]
mod tests;
mod ways;

pub use format::NETWORK;

use crate::reader::schema::json_schema;
use crate::reader::{Diagnostics, Document, EvidenceRule, Reading, read};
use onetrip_models::network::NetworkSpec;

/// The word under the key `format` of these files.
pub const FORMAT: &str = "network/1";

/// Reads a network. Values set on the command line are set on the document before ([`Document::set`]). The network is
/// named after the document: `desk.toml` describes `desk`.
///
/// # Errors
/// All mistakes at once: what does not fit the format, names of stations and classes that do not exist, shares that do
/// not add up, rules that exclude each other, and whatever else the model would refuse.
pub fn read_network(document: Document) -> Result<Reading<NetworkSpec>, Diagnostics> {
    let name = name_of(&document);
    let mut reading = read(document, &format::ROOT, EvidenceRule::Optional)?;
    reading.value.name = name;
    Ok(reading)
}

/// The JSON Schema of network files, for editors.
pub fn network_schema() -> serde_json::Value {
    json_schema("onetrip network", &NETWORK)
}

/// The last part of the document's name without its ending.
fn name_of(document: &Document) -> String {
    let file = document.name().rsplit(['/', '\\']).next().unwrap_or_default();
    file.strip_suffix(".toml").unwrap_or(file).to_owned()
}
