//! How the study was made: the 24 items of STRESS-DES (Monks et al., *Journal of Simulation* 13, 2019) answered from the
//! scenario and the run. Where neither says, the answer says so.

mod data;

use crate::document::{InputOrigin, InputPart, RunDocument, ScenarioKind, ScenarioPart};
use crate::facts::RunFacts;
use crate::figures::{clock, count, counted, duration};
use crate::phrases;
use crate::region::RegionFacts;
use crate::words::{Language, Words};
use onetrip_models::system::System;
use onetrip_studies::region::Region;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A section of the checklist.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MethodsSection {
    /// Its heading.
    pub title: Words,
    /// Its items.
    pub items: Vec<MethodsItem>,
}

/// An item of the checklist and its answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
pub struct MethodsItem {
    /// Its number, `2.5.1`.
    pub number: String,
    /// What is asked.
    pub title: Words,
    /// The answer.
    pub answer: Words,
}

/// What was done with the scenario: the answers that differ between a run and the studies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Experiment {
    /// What it was for (item 1.3).
    pub aims: Words,
    /// Which scenarios were run (item 2.3).
    pub scenarios: Words,
    /// How figures and intervals were made (item 4.3).
    pub estimation: Words,
    /// The number from which all randomness follows.
    pub rng_seed: u64,
    /// Version of the program.
    pub version: String,
    /// The command that repeats it.
    pub command: String,
    /// Arrivals and completed services simulated, where they were counted.
    pub events: Option<u64>,
    /// The file with all figures.
    pub result: &'static str,
}

/// The model in words: the answers that a scenario gives by itself.
struct Subject<'a> {
    scenario: &'a ScenarioPart,
    inputs: &'a [InputPart],
    measures: usize,
    headline: Vec<Words>,
    stations: Vec<Words>,
    queues: usize,
    classes: Vec<Words>,
    /// Completed, left without service, still inside; where one run was counted.
    ends: Option<[u64; 3]>,
}

impl<'a> Subject<'a> {
    /// Before anything was run: what the systems have between them, each named once.
    fn of(systems: &[&System], scenario: &'a ScenarioPart, inputs: &'a [InputPart]) -> Subject<'a> {
        let all = || systems.iter().copied();
        let measures = distinct(all().flat_map(System::measures), |measure| &measure.id);
        let stations = distinct(all().flat_map(System::stations), |station| &station.id);
        let classes = distinct(all().flat_map(System::classes), |class| &class.en);
        let headline = measures.iter().filter(|measure| measure.is_headline);
        Subject {
            scenario,
            inputs,
            measures: measures.len(),
            headline: headline.map(|measure| Words::from(&measure.title)).collect(),
            stations: stations.iter().map(|station| Words::from(&station.title)).collect(),
            queues: stations.iter().filter(|station| station.has_queue).count(),
            classes: classes.into_iter().map(Words::from).collect(),
            ends: None,
        }
    }
}

/// The first of each name, in order.
fn distinct<'a, T>(all: impl Iterator<Item = &'a T>, name: impl Fn(&'a T) -> &'a str) -> Vec<&'a T> {
    let mut known = BTreeSet::new();
    all.filter(|one| known.insert(name(one))).collect()
}

/// Where a reader finds what the answers do not repeat: on the page of a run, or with the commands that show it.
struct Places {
    stations: Words,
    inputs: Words,
}

impl Places {
    fn of(subject: &Subject<'_>) -> Places {
        match subject.ends {
            Some(_) => Places {
                stations: Words::new("the table of stations", "站点表"),
                inputs: Words::new("the table of inputs", "输入表"),
            },
            None => Places {
                stations: Words::new("the report of `onetrip run`", "`onetrip run`的报告"),
                inputs: Words::new("the list of `onetrip show`", "`onetrip show`的清单"),
            },
        }
    }
}

/// The checklist, answered for a run.
pub fn stress_des(document: &RunDocument) -> Vec<MethodsSection> {
    let account = &document.accounting;
    let subject = Subject {
        scenario: &document.scenario,
        inputs: &document.inputs,
        measures: document.measures.len(),
        headline: document.headline().map(|measure| measure.title.clone()).collect(),
        stations: document.stations.iter().map(|station| station.title.clone()).collect(),
        queues: document.stations.iter().filter(|station| station.has_queue).count(),
        classes: account.by_class.iter().map(|class| class.class.clone()).collect(),
        ends: Some([account.completed, account.left_without_being_seen, account.still_inside]),
    };
    sections(&subject, &of_run(document))
}

/// The checklist, answered for a study of a scenario; `facts` are those of the scenario it starts from.
pub fn of_study(system: &System, facts: &RunFacts<'_>, experiment: &Experiment) -> Vec<MethodsSection> {
    let inputs: Vec<InputPart> = facts.inputs.iter().map(InputPart::from).collect();
    sections(&Subject::of(&[system], &facts.scenario, &inputs), experiment)
}

/// The checklist, answered for a day of many facilities.
pub fn of_region(region: &Region, facts: &RegionFacts<'_>, experiment: &Experiment) -> Vec<MethodsSection> {
    let of_hospitals = facts.spec.facilities.iter().flat_map(|kind| &kind.provenance);
    let inputs: Vec<InputPart> = facts.inputs.iter().chain(of_hospitals).map(InputPart::from).collect();
    let systems: Vec<&System> = region.classes.iter().map(|class| &class.system).collect();
    sections(&Subject::of(&systems, &ScenarioPart::of_region(facts.spec), &inputs), experiment)
}

fn sections(subject: &Subject<'_>, experiment: &Experiment) -> Vec<MethodsSection> {
    vec![
        objectives(subject, experiment),
        logic(subject, experiment),
        data::data(subject),
        experimentation(subject.scenario, experiment),
        implementation(experiment),
        access(subject, experiment),
    ]
}

fn item(number: &'static str, en: &str, zh: &str, answer: Words) -> MethodsItem {
    MethodsItem { number: number.to_owned(), title: Words::new(en, zh), answer }
}

fn section(en: &str, zh: &str, items: Vec<MethodsItem>) -> MethodsSection {
    MethodsSection { title: Words::new(en, zh), items }
}

/// Names, at most so many, then how many more.
fn listed<'a>(names: impl Iterator<Item = &'a Words>, most: usize) -> Words {
    let names: Vec<&Words> = names.collect();
    let of = |language: Language| -> String {
        let shown: Vec<&str> = names.iter().take(most).map(|name| name.in_language(language)).collect();
        let more = names.len().saturating_sub(most);
        let joined = shown.join(language.pick(", ", "、"));
        match (more, language) {
            (0, _) => joined,
            (more, Language::English) => format!("{joined} and {more} more"),
            (more, Language::Chinese) => format!("{joined}等，另{more}个"),
        }
    };
    Words::new(of(Language::English), of(Language::Chinese))
}

fn objectives(subject: &Subject<'_>, experiment: &Experiment) -> MethodsSection {
    let scenario = subject.scenario;
    let purpose = if scenario.description.is_empty() {
        Words::new("The scenario does not state its purpose.", "情景文件未说明目的。")
    } else {
        scenario.description.clone()
    };
    let headline = listed(subject.headline.iter(), 8);
    let measured = subject.measures;
    let outputs = Words::new(
        format!(
            "{}, each with its definition (`onetrip explain`); headline: {}.",
            counted(measured as u64, "measure", "measures"),
            headline.en
        ),
        format!("{measured}项指标，各附定义（见`onetrip explain`）；首要指标：{}。", headline.zh),
    );
    section(
        "1 Objectives",
        "1 目标",
        vec![
            item("1.1", "Purpose of the model", "模型目的", purpose),
            item("1.2", "Model outputs", "模型输出", outputs),
            item("1.3", "Aims of experimentation", "试验目的", experiment.aims.clone()),
        ],
    )
}

fn logic(subject: &Subject<'_>, experiment: &Experiment) -> MethodsSection {
    let (scenario, at) = (subject.scenario, Places::of(subject));
    let stations = listed(subject.stations.iter(), 40);
    let classes = listed(subject.classes.iter(), 20);
    let sources = listed(scenario.sources.iter(), 20);
    let pauses = listed(scenario.pause_kinds.iter().map(|kind| &kind.title), 20);
    let overview = match scenario.kind {
        ScenarioKind::Hospital => Words::new(
            format!(
                "A hospital day: registration, check-in, consultation, examination, settlement and pharmacy, with \
                 walking between them. No diagram is drawn here; the stations and what passed through each are in {}.",
                at.stations.en
            ),
            format!(
                "医院一天：挂号、签到、就诊、检查、结算、取药及其间步行。此处不绘流程图；各站点及通过量见{}。",
                at.stations.zh
            ),
        ),
        ScenarioKind::Network => Words::new(
            format!(
                "A network of queues. No diagram is drawn here; the stations and what passed through each are in {}, \
                 the routes in the scenario file.",
                at.stations.en
            ),
            format!("排队网络。此处不绘流程图；各站点及通过量见{}，路线见情景文件。", at.stations.zh),
        ),
    };
    let base = Words::new(
        "Customers follow the journey that the scenario states, in simulated time of whole microseconds. At equal \
         instants the order of events is fixed. Everyone who comes is accounted for at the end of every run.",
        "顾客按情景规定的路线行进，仿真时间以整数微秒计；同一时刻的事件次序固定；每次运行结束时核对全部到达者的去向。",
    );
    let algorithms = Words::new(
        "Next-event simulation with one event list. Random numbers are drawn from streams that are keyed by entity \
         and purpose, so a customer's luck does not depend on what else happens. Quantiles are read from histograms \
         whose bins are at most 3.2 % wide, interpolated within the bin; means, shares and queue lengths are exact.",
        "单一事件表的下一事件推进法。随机数取自按个体与用途标识的随机流，个体的随机性不受其他事件影响。分位数由\
         直方图（组宽不超过3.2%）组内插值得出；均值、占比与队长为精确值。",
    );
    let entities = Words::new(
        format!("Customers of these classes: {}. They come from: {}.", classes.en, sources.en),
        format!("顾客类别：{}；来源：{}。", classes.zh, sources.zh),
    );
    let activities = Words::new(
        format!(
            "Service at: {}. {}Laws of service times are in {}.",
            stations.en,
            if pauses.en.is_empty() { String::new() } else { format!("Pauses: {}. ", pauses.en) },
            at.inputs.en
        ),
        format!(
            "在下列站点接受服务：{}。{}服务时间分布见{}。",
            stations.zh,
            if pauses.zh.is_empty() { String::new() } else { format!("停留类别：{}。", pauses.zh) },
            at.inputs.zh
        ),
    );
    let with_servers = subject.queues;
    let resources = Words::new(
        format!(
            "Servers at {}; their numbers and hours of duty are in {}, their use in {}.",
            counted(with_servers as u64, "station", "stations"),
            at.inputs.en,
            at.stations.en
        ),
        format!(
            "{with_servers}个站点的服务台；数量与在岗时段见{}，利用率见{}。",
            at.inputs.zh, at.stations.zh
        ),
    );
    let queues = Words::new(
        "One queue a station, first come first served within a rank unless the scenario names another discipline. \
         Balking, leaving the queue, refusal and sending away at closing are counted apart.",
        "每站一队，除情景另有规定外，同级先到先服务；止步、离队、被拒与关门遣返分别计数。",
    );
    let entry = match subject.ends.map(|ends| ends.map(count)) {
        Some([completed, left, inside]) => Words::new(
            format!(
                "Entry at the sources above; exit when the journey is done ({completed}), without service ({left}), or \
                 at the end of the run ({inside} still inside)."
            ),
            format!(
                "由上述来源进入；完成路线离开（{completed}人）、未获服务离开（{left}人）或运行结束时仍在内（{inside}人）。"
            ),
        ),
        None => Words::new(
            "Entry at the sources above; exit when the journey is done, without service, or at the end of the run.",
            "由上述来源进入；完成路线离开、未获服务离开或运行结束时仍在内。",
        ),
    };
    section(
        "2 Logic",
        "2 逻辑",
        vec![
            item("2.1", "Base model overview", "基础模型概览", overview),
            item("2.2", "Base model logic", "基础模型逻辑", base),
            item("2.3", "Scenario logic", "情景逻辑", experiment.scenarios.clone()),
            item("2.4", "Algorithms", "算法", algorithms),
            item("2.5.1", "Entities", "实体", entities),
            item("2.5.2", "Activities", "活动", activities),
            item("2.5.3", "Resources", "资源", resources),
            item("2.5.4", "Queues", "队列", queues),
            item("2.5.5", "Entry and exit points", "进出点", entry),
        ],
    )
}

fn experimentation(scenario: &ScenarioPart, experiment: &Experiment) -> MethodsSection {
    let begin = if scenario.warm_up_s > 0.0 {
        let warm_up = |language| duration(scenario.warm_up_s, language);
        Words::new(
            format!(
                "Empty and idle at the start; the first {} are not counted. Those inside when counting \
                 begins count as arrived.",
                warm_up(Language::English)
            ),
            format!("起始为空；前{}为预热期，不计入；计数开始时在内者计为到达。", warm_up(Language::Chinese)),
        )
    } else {
        Words::new(
            "Empty and idle at the start, as it is at night; nothing is thrown away.",
            "起始为空（如夜间）；不设预热期。",
        )
    };
    let end = |language: Language| {
        if scenario.ends_at_s < 2.0 * 86_400.0 {
            clock(scenario.ends_at_s, language)
        } else {
            duration(scenario.ends_at_s, language)
        }
    };
    let length = if scenario.ends_when_empty {
        let (english, chinese) = match scenario.kind {
            ScenarioKind::Hospital => ("everybody has left and all is closed", "全员离院且全部站点下班"),
            ScenarioKind::Network => ("the last customer has left", "最后一位顾客离开"),
        };
        Words::new(
            format!("Until {english}, at the latest {} after the start (00:00).", end(Language::English)),
            format!("至{chinese}为止，最迟至起始（00:00）后{}。", end(Language::Chinese)),
        )
    } else {
        Words::new(
            format!("From 00:00 to {}, whoever is inside.", end(Language::English)),
            format!("自00:00至{}，届时不论是否有人在内。", end(Language::Chinese)),
        )
    };
    section(
        "4 Experimentation",
        "4 试验",
        vec![
            item("4.1", "Initialisation", "初始化", begin),
            item("4.2", "Run length", "运行时长", length),
            item("4.3", "Estimation approach", "估计方法", experiment.estimation.clone()),
        ],
    )
}

/// What a run did with its scenario.
fn of_run(document: &RunDocument) -> Experiment {
    let run = &document.run;
    Experiment {
        aims: aims(document),
        scenarios: scenarios(&document.inputs),
        estimation: estimation(document),
        rng_seed: run.rng_seed,
        version: run.version.clone(),
        command: run.command.clone(),
        events: Some(run.events),
        result: "result.json",
    }
}

fn aims(document: &RunDocument) -> Words {
    match &document.scorecard {
        Some(card) => Words::new(
            format!(
                "To hold one scenario against the targets of “{}”. No alternatives are compared in this \
                 run.",
                card.title.en
            ),
            format!("以一个情景对照《{}》的目标；本次运行不比较备选方案。", card.title.zh),
        ),
        None => Words::new(
            "To describe one scenario. No alternatives are compared and no targets are held against it in \
             this run.",
            "描述一个情景；本次运行不比较备选方案，也不对照目标。",
        ),
    }
}

/// One scenario, and what was replaced of it on the command line.
pub fn scenarios(inputs: &[InputPart]) -> Words {
    let changed: Vec<&str> = inputs
        .iter()
        .filter(|input| input.origin == InputOrigin::CommandLine)
        .map(|input| input.path.as_str())
        .collect();
    if changed.is_empty() {
        Words::new("One scenario, as its file states it.", "仅一个情景，与文件一致。")
    } else {
        Words::new(
            format!(
                "The scenario file with these values replaced on the command line: {}.",
                changed.join(", ")
            ),
            format!("情景文件，并以命令行替换下列数值：{}。", changed.join("、")),
        )
    }
}

fn estimation(document: &RunDocument) -> Words {
    let run = &document.run;
    if let Some((en, zh)) =
        phrases::long_run(document, Language::English).zip(phrases::long_run(document, Language::Chinese))
    {
        return Words::new(
            format!("{en} Batches count as related when von Neumann's test gives less than 1 %."),
            format!("{zh}von Neumann检验的p值低于1%时视为各批相关。"),
        );
    }
    let percent = phrases::percent(document.run.level);
    let rule = match (run.precision_share, run.precision_half_width) {
        (Some(share), _) => {
            let share = (share * 1e4).round() / 100.0;
            Words::new(
                format!(
                    " Replications were added until every headline measure was known to ±{share} % of its \
                     mean and stayed so (Hoad, Robinson and Davies 2010){}.",
                    imprecise(document, Language::English)
                ),
                format!(
                    "重复次数逐次增加，直至各首要指标的半宽不超过均值的{share}%且保持（Hoad、Robinson、Davies 2010）{}。",
                    imprecise(document, Language::Chinese)
                ),
            )
        }
        (None, Some(half)) => Words::new(
            format!(
                " Replications were added until every headline measure was known to ±{half} in its unit{}.",
                imprecise(document, Language::English)
            ),
            format!(
                "重复次数逐次增加，直至各首要指标半宽不超过{half}（按其单位）{}。",
                imprecise(document, Language::Chinese)
            ),
        ),
        (None, None) => Words::new(" The number of replications was given.", "重复次数为给定值。"),
    };
    Words::new(
        format!(
            "{}, all independent; one value a replication; {percent} % intervals by Student's t over \
             replications, for means, shares and quantiles alike, cut to what a figure can be (not below 0, no share \
             above 1); of a share that is 0 or 1 in all of them by \
             Clopper and Pearson, for all counted.{}{}",
            phrases::replications(document, Language::English),
            rule.en,
            if run.cut_short { " The run was stopped before the end that was asked for." } else { "" }
        ),
        format!(
            "{}，相互独立，每次重复取一个值；均值、占比与分位数均按重复间的Student t给出{percent}%置信区间，并限于该指标可取的范围（不小于0，占比不大于1）；\
             各次重复均为0或1的占比，按全部计数用Clopper–Pearson法。{}{}",
            phrases::replications(document, Language::Chinese),
            rule.zh,
            if run.cut_short { "运行提前终止。" } else { "" }
        ),
    )
}

fn imprecise(document: &RunDocument, language: Language) -> String {
    match (document.run.imprecise.len(), language) {
        (0, _) => String::new(),
        (_, Language::English) => {
            format!("; not reached within the limit: {}", document.run.imprecise.join(", "))
        }
        (_, Language::Chinese) => format!("；限次内未达到：{}", document.run.imprecise.join("、")),
    }
}

fn implementation(run: &Experiment) -> MethodsSection {
    let events = run.events.map_or_else(Words::default, |events| {
        Words::new(format!(" {} events.", count(events)), format!("共{}个事件。", count(events)))
    });
    let software = Words::new(
        format!("onetrip {} (Rust).", run.version),
        format!("onetrip {}（Rust语言）。", run.version),
    );
    let sampling = Words::new(
        format!(
            "wyrand, one stream for each run, entity and purpose, whose keys are made by SplitMix64; rng seed {}. The same \
             customer draws the same numbers whatever else is in the scenario. Lognormal, gamma and normal times by \
             inversion.",
            run.rng_seed
        ),
        format!(
            "wyrand，每次运行、每个个体、每种用途各有独立随机流，其密钥由SplitMix64生成；随机种子{}。情景其他部分如何变化，同一顾客抽取的随机数不变。对数正态、伽马、正态时长用反函数法抽取。",
            run.rng_seed
        ),
    );
    let execution = Words::new(
        format!(
            "Command: {}.{} Runs are spread over as many threads as there are; results are the same to the bit for \
             any number of threads.",
            run.command, events.en
        ),
        format!("命令：{}。{}各次运行分布于多个线程；线程数不影响结果（逐位一致）。", run.command, events.zh),
    );
    let system = Words::new(
        format!(
            "Written on {} ({}). Processor, memory and running time are not recorded: results do not \
             depend on them.",
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
        format!(
            "生成环境：{}（{}）。未记录处理器、内存与耗时，结果与其无关。",
            std::env::consts::OS,
            std::env::consts::ARCH
        ),
    );
    section(
        "5 Implementation",
        "5 实现",
        vec![
            item("5.1", "Software or programming language", "软件或编程语言", software),
            item("5.2", "Random sampling", "随机抽样", sampling),
            item("5.3", "Model execution", "模型执行", execution),
            item("5.4", "System specification", "系统配置", system),
        ],
    )
}

fn access(subject: &Subject<'_>, experiment: &Experiment) -> MethodsSection {
    let file = subject.inputs.first().map_or(subject.scenario.id.as_str(), |input| input.file.as_str());
    let result = experiment.result;
    let sharing = Words::new(
        format!(
            "The program is open source (MIT or Apache-2.0). With the scenario ({file}) the command above \
             repeats every figure; all of them are in {result}."
        ),
        format!(
            "程序开源（MIT或Apache-2.0）。凭情景文件（{file}）与上述命令可复现全部数字，均载于{result}。"
        ),
    );
    section("6 Code access", "6 代码获取", vec![item("6.1", "Computer model sharing", "模型共享", sharing)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_say_how_many_are_left_out() {
        let names: Vec<Words> = (1..=5).map(|n| Words::same(format!("s{n}"))).collect();
        let few = listed(names.iter(), 3);
        assert_eq!((few.en.as_str(), few.zh.as_str()), ("s1, s2, s3 and 2 more", "s1、s2、s3等，另2个"));
        assert_eq!(listed(names.iter(), 5).en, "s1, s2, s3, s4, s5");
    }
}
