//! By which policy document a hospital is judged, and as of which day.

use crate::arguments::both;
use crate::console::Console;
use crate::inputs::target_document;
use onetrip_scenarios::targets::{self, Date, TargetDocument};
use std::borrow::Cow;

/// The document for hospitals of places that have none of their own.
const USUAL: &str = "shaoxing-2018";

/// The document, and the day.
#[derive(clap::Args, Debug)]
pub(crate) struct TargetArguments {
    #[arg(
        long,
        value_name = "DOC",
        help = both(
            "Target document to hold the hospital against, by name (see `onetrip targets`) or file; without it the one \
             of the hospital's city, else shaoxing-2018",
            "对照的目标文件：名称（见 `onetrip targets`）或路径；不填则用该医院所在城市的文件，否则用 shaoxing-2018"
        )
    )]
    targets: Option<String>,

    #[command(flatten)]
    pub(crate) day: DayArgument,
}

/// As of which day deadlines are past.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct DayArgument {
    #[arg(
        long,
        value_name = "DATE",
        help = both(
            "Judge on this day, year-month-day; without it all deadlines are past",
            "按此日期（年-月-日）评判；不填则视为全部期限已到"
        )
    )]
    pub(crate) on: Option<Date>,
}

impl TargetArguments {
    /// Whether the person asks for a document or a day.
    pub(crate) fn is_given(&self) -> bool {
        self.targets.is_some() || self.day.on.is_some()
    }

    /// The document for a scenario.
    ///
    /// # Errors
    /// When nothing is called so, or the file is not to be used.
    pub(crate) fn document(
        &self,
        scenario: &str,
        console: &Console,
    ) -> anyhow::Result<Cow<'static, TargetDocument>> {
        target_document(self.targets.as_deref().unwrap_or_else(|| usual(scenario)), console)
    }

    /// The words of a command line that say the same.
    pub(crate) fn words(&self) -> Vec<String> {
        let document = self.targets.iter().flat_map(|wanted| ["--targets".to_owned(), wanted.clone()]);
        document.chain(self.day.words()).collect()
    }
}

impl DayArgument {
    /// The words of a command line that say the same.
    pub(crate) fn words(&self) -> Vec<String> {
        self.on.iter().flat_map(|day| ["--on".to_owned(), day.to_string()]).collect()
    }
}

/// The document of the hospital's own city, else the one whose form inspectors carry.
fn usual(scenario: &str) -> &'static str {
    let city = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
    let own = targets::documents().iter().find(|document| city(&document.id) == city(scenario));
    own.map_or(USUAL, |document| &document.id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hospital_is_held_against_the_document_of_its_city() {
        assert_eq!(usual("hangzhou-2018-12"), "hangzhou-2018");
        assert_eq!(usual("township"), USUAL);
        assert_eq!(usual("./mine.toml"), USUAL);
        assert!(targets::document(USUAL).is_some());
    }
}
