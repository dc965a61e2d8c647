//! The result of a region's day as a document, and as a person reads it on a terminal, in a browser or in a table.

mod page;
pub mod terminal;

use crate::document::{Figure, Unit};
use crate::figures;
use crate::folder::{FolderError, FolderKind};
use crate::methods::{self, Experiment, MethodsSection};
use crate::phrases;
use crate::tables;
use crate::words::{Language, Words};
use onetrip_models::text::Text;
use onetrip_scenarios::reader::Provenance;
use onetrip_scenarios::region::{FacilitySpec, RegionSpec};
use onetrip_sim::statistics::Accounting;
use onetrip_studies::region::{ClassResults, FacilityClass, Region, RegionResults};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The word under the key `format` of a region's result.
pub const FORMAT: &str = "onetrip-region/1";

const NAMES: [&str; 5] = ["report.html", "result.json", "facilities.csv", "measures.csv", "parts.csv"];

/// The folder of a region's day.
pub const FOLDER: FolderKind = FolderKind {
    written_by: "run of a region",
    sign: ("result.json", FORMAT),
    may_hold: |name| NAMES.contains(&name),
};

/// Writes the folder; the page opens in `language`. A folder from an earlier run of a region is replaced.
///
/// # Errors
/// When the place is taken by something else, or the system refuses. Nothing is then changed.
pub fn write_folder(path: &Path, document: &RegionDocument, language: Language) -> Result<(), FolderError> {
    let [page, result, facilities, measures, parts] = NAMES;
    let table = |name: &str, written: Result<Vec<u8>, csv::Error>| {
        written.map(|bytes| (name.to_owned(), bytes)).map_err(|source| FolderError::file(name, source))
    };
    let html = page::render(document, language).map_err(|source| FolderError::file(page, source))?;
    let json = serde_json::to_vec_pretty(document).map_err(|source| FolderError::file(result, source))?;
    let files = [
        (page.to_owned(), html.into_bytes()),
        (result.to_owned(), json),
        table(facilities, tables::region::facilities(document))?,
        table(measures, tables::region::measures(document))?,
        table(parts, tables::region::parts(document))?,
    ];
    FOLDER.write(path, &files)
}

/// The result of a region's day. Durations in seconds, shares from 0 to 1.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "onetrip run of a region")]
pub struct RegionDocument {
    /// `onetrip-region/1`.
    #[schemars(extend("const" = FORMAT))]
    pub format: String,
    /// The region.
    pub region: NamedPart,
    /// The command that repeats the run to the bit.
    pub command: String,
    /// Version of the program.
    pub version: String,
    /// The number from which all randomness follows.
    pub rng_seed: u64,
    /// Facilities run.
    pub facility_count: u64,
    /// Arrivals and services.
    pub event_count: u64,
    /// Stopped before all shards were run; those that are listed are complete.
    pub is_cut_short: bool,
    /// Where everybody is accounted for.
    pub accounting: Account,
    /// Kinds of facility.
    pub classes: Vec<ClassPart>,
    /// Parts of the region.
    pub shards: Vec<ShardPart>,
    /// How it was made, by the checklist of STRESS-DES.
    pub methods: Vec<MethodsSection>,
}

/// What the results of a region's day do not say of themselves.
#[derive(Clone, Debug)]
pub struct RegionFacts<'a> {
    /// The region as its file describes it.
    pub spec: &'a RegionSpec,
    /// The numbers of that file, and where they come from.
    pub inputs: &'a [Provenance],
    /// The number from which all randomness follows.
    pub rng_seed: u64,
    /// The command that repeats the run.
    pub command: String,
    /// Version of the program.
    pub version: String,
}

/// A name that is shown.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct NamedPart {
    /// Short name.
    pub id: String,
    /// Shown name.
    pub title: Words,
}

/// Where everybody is accounted for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Came in.
    pub arrived: u64,
    /// Left with everything done.
    pub completed: u64,
    /// Left without being seen.
    pub left_without_being_seen: u64,
    /// Still inside when the day ended.
    pub still_inside: u64,
}

impl From<&Accounting> for Account {
    fn from(account: &Accounting) -> Account {
        Account {
            arrived: account.arrived,
            completed: account.completed,
            left_without_being_seen: account.left_without_being_seen,
            still_inside: account.still_inside,
        }
    }
}

/// One kind of facility.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ClassPart {
    /// Which.
    #[serde(flatten)]
    pub name: NamedPart,
    /// How many were run.
    pub facility_count: u64,
    /// Their patients.
    pub accounting: Account,
    /// Their headline measures, over all of them; intervals from the spread between shards.
    pub measures: Vec<MeasureValue>,
}

/// A measure's value.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MeasureValue {
    /// Dotted name.
    pub id: String,
    /// Shown name.
    pub title: Words,
    /// Unit.
    pub unit: Unit,
    /// Who is counted, from which instant to which, over which hours.
    pub definition: Words,
    /// Value and interval.
    #[serde(flatten)]
    pub figure: Figure,
}

/// One part of the region.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct ShardPart {
    /// Which.
    #[serde(flatten)]
    pub name: NamedPart,
    /// Facilities in it.
    pub facility_count: u64,
    /// Their patients.
    pub accounting: Account,
}

/// The measures that are shown of a kind of facility, in this order.
const SHOWN: [&str; 5] = [
    "registration.on_site.wait_time.mean",
    "consultation.wait_time.mean",
    "pharmacy.wait_time.mean",
    "visits.sojourn_time.mean",
    "settlement.smart_share",
];

impl RegionDocument {
    /// The document of a region's day.
    pub fn new(region: &Region, results: &RegionResults, facts: &RegionFacts<'_>) -> Self {
        let named = |id: &str, title: &Text| NamedPart { id: id.to_owned(), title: Words::from(title) };
        let mut total = Accounting::default();
        let class = |(kind, results): (&FacilityClass, &ClassResults)| {
            let accounting = results.account.statistics.accounting_total();
            ClassPart {
                name: named(&kind.id, &kind.title),
                facility_count: results.shards.iter().map(|shard| shard.facility_count).sum(),
                accounting: Account::from(&accounting),
                measures: measures(kind, results),
            }
        };
        let classes: Vec<ClassPart> = region.classes.iter().zip(&results.classes).map(class).collect();
        results.classes.iter().for_each(|class| total.merge(&class.account.statistics.accounting_total()));
        let begun = results.classes.iter().map(|class| class.shards.len()).max().unwrap_or(0);
        let shard = |index: usize| {
            let mut accounting = Accounting::default();
            let parts = results.classes.iter().filter_map(|class| class.shards.get(index));
            parts.clone().for_each(|part| accounting.merge(&part.accounting));
            ShardPart {
                name: named(&region.shards[index].id, &region.shards[index].title),
                facility_count: parts.map(|part| part.facility_count).sum(),
                accounting: Account::from(&accounting),
            }
        };
        RegionDocument {
            format: FORMAT.to_owned(),
            region: named(&region.id, &region.title),
            command: facts.command.clone(),
            version: facts.version.clone(),
            rng_seed: facts.rng_seed,
            facility_count: results.facility_count,
            event_count: results.event_count,
            is_cut_short: results.is_cut_short,
            accounting: Account::from(&total),
            classes,
            shards: (0..begun).map(shard).collect(),
            methods: methods::of_region(region, facts, &experiment(results, facts)),
        }
    }

    /// The JSON Schema of the document.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(RegionDocument).to_value()
    }

    /// The measures in the table of kinds of facility, in its order.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &MeasureValue> {
        let of_kinds = || self.classes.iter().flat_map(|class| &class.measures);
        SHOWN.iter().filter_map(move |id| of_kinds().find(|measure| measure.id == *id))
    }

    /// How the day was run, on one line.
    pub fn facts(&self, language: Language) -> String {
        let (events, rng_seed) = (figures::count(self.event_count), self.rng_seed);
        match language {
            Language::English => format!(
                "{} · {} · {events} events · 95 % intervals by the spread between parts · rng seed {rng_seed}",
                figures::counted(self.facility_count, "facility", "facilities"),
                figures::counted(self.accounting.arrived, "visit", "visits")
            ),
            Language::Chinese => format!(
                "{}家机构 · {}诊疗人次 · {events}个事件 · 95%置信区间（按地区间差异） · 随机种子{rng_seed}",
                figures::count(self.facility_count),
                figures::count(self.accounting.arrived)
            ),
        }
    }

    /// Where everybody is accounted for.
    pub fn ending(&self, language: Language) -> String {
        let Account { arrived, completed, left_without_being_seen, still_inside } = self.accounting;
        let [arrived, completed, left, inside] =
            [arrived, completed, left_without_being_seen, still_inside].map(figures::count);
        match language {
            Language::English => format!(
                "{arrived} came: {completed} left with everything done, {left} left without being seen, {}.",
                phrases::still_inside(still_inside)
            ),
            Language::Chinese => {
                format!("{arrived}人次到达：{completed}人次完成，{left}人次未就诊离开，{inside}人次仍在院。")
            }
        }
    }

    /// What is said of a run that was stopped.
    pub fn cut_short(&self, language: Language) -> &'static str {
        language.pick(
            "Stopped: only the parts listed were run, each of them whole.",
            "已中断：仅含所列地区，各地区均完整。",
        )
    }

    /// The lines of the two tables: kinds of facility with their measures, and parts of the region. Headings first.
    pub fn tables(&self, language: Language) -> [Vec<Vec<String>>; 2] {
        let on_one_line = |heading: String| heading.replace('\n', language.pick(" ", ""));
        let mut classes: Vec<Vec<String>> =
            vec![RegionDocument::headings_of_kinds(language).into_iter().map(on_one_line).collect()];
        for class in &self.classes {
            let mut row = vec![
                class.name.title.in_language(language).to_owned(),
                figures::count(class.facility_count),
                figures::count(class.accounting.arrived),
                figures::count(class.accounting.left_without_being_seen),
            ];
            row.extend(SHOWN.iter().map(
                |id| match class.measures.iter().find(|measure| measure.id == *id) {
                    Some(measure) => figures::show_with_interval(&measure.figure, measure.unit, language),
                    None => "–".to_owned(),
                },
            ));
            classes.push(row);
        }
        let mut shards = vec![RegionDocument::headings_of_parts(language)];
        for shard in &self.shards {
            let counts = RegionDocument::counts_of_parts().map(|of| figures::count(of(shard)));
            let name = shard.name.title.in_language(language).to_owned();
            shards.push(std::iter::once(name).chain(counts).collect());
        }
        [classes, shards]
    }

    /// Headings of the table of kinds of facility, in lines.
    fn headings_of_kinds(language: Language) -> Vec<String> {
        let headings = [
            ("kind of facility", "机构类别"),
            ("facilities", "机构数"),
            ("visits", "诊疗人次"),
            ("unseen", "未就诊\n离开"),
            ("wait to\nregister", "挂号\n等候"),
            ("wait to\nconsult", "候诊"),
            ("wait for\nmedicine", "取药\n等候"),
            ("time\ninside", "停留"),
            ("smart\nsettlement", "智慧\n结算率"),
        ];
        headings.map(|(en, zh)| language.pick(en, zh).to_owned()).into()
    }

    /// Headings of the table of parts, the name first, then [`RegionDocument::counts_of_parts`].
    fn headings_of_parts(language: Language) -> Vec<String> {
        let headings = [
            ("part", "地区"),
            ("facilities", "机构数"),
            ("visits", "诊疗人次"),
            ("completed", "完成"),
            ("unseen", "未就诊离开"),
            ("inside", "仍在院"),
        ];
        headings.map(|(en, zh)| language.pick(en, zh).to_owned()).into()
    }

    /// What is counted of each part.
    fn counts_of_parts() -> [fn(&ShardPart) -> u64; 5] {
        [
            |part| part.facility_count,
            |part| part.accounting.arrived,
            |part| part.accounting.completed,
            |part| part.accounting.left_without_being_seen,
            |part| part.accounting.still_inside,
        ]
    }
}

/// What was done with the region's scenarios.
fn experiment(results: &RegionResults, facts: &RegionFacts<'_>) -> Experiment {
    let kinds = |language: Language| {
        let kind = |kind: &FacilitySpec| {
            let (count, title) = (figures::count(kind.count), language.pick(&kind.title.en, &kind.title.zh));
            match language {
                Language::English => format!("{count} {title} (`{}`)", kind.scenario),
                Language::Chinese => format!("{title}{count}家（`{}`）", kind.scenario),
            }
        };
        let all: Vec<String> = facts.spec.facilities.iter().map(kind).collect();
        all.join(language.pick("; ", "；"))
    };
    Experiment {
        aims: Words::new(
            "To see one working day of all facilities. No alternatives are compared and no targets are held against it.",
            "观察全部机构的一个工作日；不比较备选方案，也不对照目标。",
        ),
        scenarios: Words::new(
            format!(
                "Facilities by kind, each like a shipped hospital with the values that the region sets: {}. Each is run by \
                 itself under luck of its own; patients do not move between them.",
                kinds(Language::English)
            ),
            format!(
                "各类机构均以附带的医院情景为准，另加区域文件所设数值：{}。各机构独立运行，随机数各自独立；患者不在机构间流动。",
                kinds(Language::Chinese)
            ),
        ),
        estimation: Words::new(
            "One day of every facility. A figure of a kind is over all its facilities together; 95 % intervals by \
             Student's t over the parts, which facilities are dealt out to by weight and which are independent of each other.",
            "每家机构运行一天。某类机构的数值按其全部机构合并计算；各机构按权重分入各地区，地区间相互独立，\
             按地区间的Student t给出95%置信区间。",
        ),
        rng_seed: facts.rng_seed,
        version: facts.version.clone(),
        command: facts.command.clone(),
        events: Some(results.event_count),
        result: "result.json",
    }
}

fn measures(kind: &FacilityClass, results: &ClassResults) -> Vec<MeasureValue> {
    let is_shown = |id: &str| SHOWN.contains(&id);
    let pairs = kind.system.measures().iter().zip(&results.measures);
    pairs
        .filter(|(measure, _)| measure.is_headline || is_shown(&measure.id))
        .map(|(measure, estimate)| MeasureValue {
            id: measure.id.clone(),
            title: Words::from(&measure.title),
            unit: Unit::from(measure.unit),
            definition: Words::from(&measure.definition),
            figure: Figure::of(*estimate),
        })
        .collect()
}
