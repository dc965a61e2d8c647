//! The rules of the inspections as data, each with its place in the document of 2018 (`shaoxing-2018`).

use onetrip_models::hospital::spec::HospitalRank;
use onetrip_models::text::Text;
use onetrip_sim::time::{SimSpan, SimTime};
use serde::Serialize;

/// What a rule asks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// Inspectors come as patients, without notice and without company of the hospital.
    Unannounced,
    /// At least one county hospital a week.
    CountyHospitalEveryWeek,
    /// At least one health centre of a township or community a week.
    HealthCentreEveryWeek,
    /// All groups of the form are covered over the period.
    AllGroups,
    /// Municipal hospitals are visited before and after work and at rest times.
    OffHours,
    /// The form is handed in within so many days.
    FormInTime,
    /// What was put right is looked at again.
    LookBack,
}

/// One rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// What it asks.
    pub kind: RuleKind,
    /// In our words, in English.
    pub en: &'static str,
    /// In our words, in Chinese.
    pub zh: &'static str,
    /// Its place in the document, in English and Chinese.
    pub source: (&'static str, &'static str),
    /// What of it is our reading, as the document does not say.
    pub reading: Option<(&'static str, &'static str)>,
}

impl Rule {
    /// What it asks, in both languages.
    pub fn title(&self) -> Text {
        Text::new(self.en, self.zh)
    }
}

/// Days after a visit within which its form is handed in.
pub const FORM_DUE_DAYS: u32 = 3;

/// Times of day that are not office hours: until half past eight, the midday rest, and from five on.
pub const OFF_HOURS: [(SimSpan, SimSpan); 3] = [
    (SimSpan::ZERO, SimSpan::from_whole_minutes(8 * 60 + 30)),
    (SimSpan::from_whole_minutes(12 * 60), SimSpan::from_whole_minutes(13 * 60 + 30)),
    (SimSpan::from_whole_minutes(17 * 60), SimSpan::DAY),
];

/// The rules, in the document's order.
pub const RULES: [Rule; 7] = [
    Rule {
        kind: RuleKind::CountyHospitalEveryWeek,
        en: "every week at least one county hospital is visited",
        zh: "每周至少体验一家县级医院",
        source: ("shaoxing-2018, part 3 (1) 1", "shaoxing-2018，第三部分（一）1"),
        reading: None,
    },
    Rule {
        kind: RuleKind::HealthCentreEveryWeek,
        en: "every week at least one township or community health centre is visited",
        zh: "每周至少体验一家卫生院或社区卫生服务中心",
        source: ("shaoxing-2018, part 3 (1) 1", "shaoxing-2018，第三部分（一）1"),
        reading: None,
    },
    Rule {
        kind: RuleKind::AllGroups,
        en: "over the period every group of the form is somebody's task at every hospital",
        zh: "周期内各医院的十个项目组均有人负责体验",
        source: ("shaoxing-2018, part 3 (1) 1 and 2", "shaoxing-2018，第三部分（一）1、2"),
        reading: Some(("groups are dealt out to the visits in turn", "项目组依次分配到各次体验")),
    },
    Rule {
        kind: RuleKind::OffHours,
        en: "municipal hospitals are visited before and after work and at rest times",
        zh: "市级医院利用上下班前后及休息时间体验",
        source: ("shaoxing-2018, part 3 (1) 2", "shaoxing-2018，第三部分（一）2"),
        reading: Some((
            "the document gives no clock times; read as arriving before 08:30, from 12:00 to 13:30, or after 17:00",
            "文件未写明钟点；此处理解为8:30前、12:00—13:30、17:00后到院",
        )),
    },
    Rule {
        kind: RuleKind::Unannounced,
        en: "inspectors come as patients: no notice, no escort, no briefing",
        zh: "以患者身份暗访：不通知、不陪同、不汇报",
        source: ("shaoxing-2018, part 4 (2)", "shaoxing-2018，第四部分（二）"),
        reading: Some((
            "an inspector is an ordinary grown-up patient of the day, booked or walking in; the hospital treats the \
             patient as any other",
            "体验者为当日一名普通成年患者（预约或现场），医院一视同仁",
        )),
    },
    Rule {
        kind: RuleKind::FormInTime,
        en: "the form is handed in within three days of the visit",
        zh: "体验结束后三天内交反馈单",
        source: ("shaoxing-2018, part 4 (3) and appendix 2", "shaoxing-2018，第四部分（三）及附件2"),
        reading: None,
    },
    Rule {
        kind: RuleKind::LookBack,
        en: "what had to be put right is inspected again",
        zh: "整改项目组织回头看",
        source: ("shaoxing-2018, part 4 (3)", "shaoxing-2018，第四部分（三）"),
        reading: Some((
            "the same inspectors come on the same days, with the same luck",
            "同一批体验者在同样的日子、以同样的随机条件再来",
        )),
    },
];

/// The rule of a kind.
pub fn rule(kind: RuleKind) -> &'static Rule {
    RULES.iter().find(|rule| rule.kind == kind).unwrap_or(&RULES[0])
}

/// Whether hospitals of a rank are visited at off hours.
pub fn is_visited_off_hours(rank: HospitalRank) -> bool {
    matches!(rank, HospitalRank::Municipal | HospitalRank::MaternalChild)
}

/// Whether an instant of a day that began at midnight lies at off hours.
pub fn is_off_hours(at: SimTime) -> bool {
    let time = SimSpan::from_micros(at.as_micros() % SimSpan::DAY.as_micros());
    OFF_HOURS.iter().any(|&(from, to)| from <= time && time < to)
}

/// How a rule stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The plan keeps it.
    Kept,
    /// The plan does not keep it.
    NotKept,
    /// There is no hospital here it speaks of.
    DoesNotArise,
}

/// A rule and how a plan stands to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RuleStanding {
    /// The rule.
    pub rule: &'static Rule,
    /// How it stands.
    pub standing: Standing,
    /// Where and why not.
    pub remark: Option<Text>,
}
