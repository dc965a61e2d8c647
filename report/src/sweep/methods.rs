//! How a sweep was made, in the words that the methods checklist asks for.

use super::{DesignKind, SweepDocument};
use crate::figures::{count, counted};
use crate::methods::Experiment;
use crate::words::{Language, Words};

/// What the checklist cannot read off the scenario.
pub(super) fn experiment(document: &SweepDocument) -> Experiment {
    let run = &document.run;
    let mut said = vec![design(document), luck(document), values(document)];
    said.extend(intervals(document));
    said.push(repeat(document));
    let together = |language: Language| -> String {
        let texts: Vec<&str> = said.iter().map(|words| words.in_language(language)).collect();
        texts.join(language.pick(" ", ""))
    };
    Experiment {
        aims: Words::new(
            "To find out how the measures change with the values that are varied, and which of these matter.",
            "考察各指标如何随变量取值变化，以及哪些变量重要。",
        ),
        scenarios: varied(document),
        estimation: Words::new(together(Language::English), together(Language::Chinese)),
        rng_seed: run.rng_seed,
        version: run.version.clone(),
        command: run.command.clone(),
        events: Some(run.events),
        result: "sweep.json",
    }
}

fn varied(document: &SweepDocument) -> Words {
    let texts: Vec<&str> = document.variables.iter().map(|variable| variable.text.as_str()).collect();
    let set = document.set.join(", ");
    let (set_en, set_zh) = match document.set.is_empty() {
        true => (String::new(), String::new()),
        false => (format!(", with {set} at every point"), format!("；各点均设{set}")),
    };
    Words::new(
        format!("Scenario {}{set_en}. Varied: {}.", document.scenario, texts.join("; ")),
        format!("情景{}{set_zh}。变量：{}。", document.scenario, texts.join("；")),
    )
}

fn design(document: &SweepDocument) -> Words {
    let run = &document.run;
    let (points, blocks) = (count(document.points.len() as u64), count(run.blocks.unwrap_or(0)));
    match run.design {
        DesignKind::Grid => Words::new(
            format!(
                "Grid: all {points} combinations; continuous ranges are cut into even steps, both ends included."
            ),
            format!("网格设计：全部{points}种组合；连续范围等分，含两端。"),
        ),
        DesignKind::LatinHypercube => Words::new(
            format!(
                "Latin hypercube of {points} points (McKay, Beckman and Conover 1979): each variable has one value in each \
                 of {points} equal parts of its range."
            ),
            format!(
                "拉丁超立方设计，{points}个点（McKay、Beckman、Conover 1979）：每个变量在其范围的{points}等分中各取一值。"
            ),
        ),
        DesignKind::SobolSequence => Words::new(
            format!(
                "The first {points} points of a Sobol sequence (Joe and Kuo's direction numbers) with Owen's scrambling."
            ),
            format!("Sobol序列前{points}个点（Joe–Kuo方向数，Owen扰动）。"),
        ),
        DesignKind::SobolIndices => Words::new(
            format!(
                "Saltelli's matrix of {blocks} blocks, {points} points, from a scrambled Sobol sequence; first-order indices \
                 after Saltelli and others (2010), total indices after Jansen (1999). Values are spread evenly over each \
                 range: the indices hold for these ranges."
            ),
            format!(
                "Saltelli矩阵，{blocks}块、{points}个点，取自扰动Sobol序列；一阶指数按Saltelli等（2010），总指数按Jansen（1999）。\
                 各变量在其范围内均匀分布，指数仅对这些范围成立。"
            ),
        ),
        DesignKind::Morris => Words::new(
            format!(
                "{blocks} of Morris's trajectories (1991) on four levels, {points} points; μ* after Campolongo, Cariboni and \
                 Saltelli (2007). An effect is the change of the measure per full range of the variable."
            ),
            format!(
                "Morris轨迹（1991）{blocks}条，四水平，{points}个点；μ*按Campolongo、Cariboni、Saltelli（2007）。\
                 效应指变量走完全程时指标的变化量。"
            ),
        ),
    }
}

fn luck(document: &SweepDocument) -> Words {
    if document.run.common_luck {
        Words::new(
            "Common random numbers: replication r draws the same numbers for the same patient at every point, so points \
             differ by what was varied and not by luck. Points alike are run once.",
            "共用随机数：各点的第r次重复中，同一患者使用相同的随机数，因此各点之差源于变量而非偶然；相同的点只运行一次。",
        )
    } else {
        Words::new(
            "Every point has luck of its own: differences between points hold the luck of both.",
            "各点使用各自独立的随机数，点间差异包含双方的随机波动。",
        )
    }
}

fn values(document: &SweepDocument) -> Words {
    let run = &document.run;
    let percent = crate::phrases::percent(run.level);
    let days = |language: Language| match (run.days, language) {
        (1, Language::English) => "one day (for networks: run)".to_owned(),
        (days, Language::English) => format!("{days} independent days (for networks: runs)"),
        (days, Language::Chinese) => format!("{days}个独立工作日（网络则为运行次数）"),
    };
    Words::new(
        format!(
            "{} replication{} of {} at each point. A value is the mean over replications with Student's interval at \
             {percent} %, for each point by itself; a measure is empty where nobody was there to be counted.",
            run.replications,
            if run.replications == 1 { "" } else { "s" },
            days(Language::English)
        ),
        format!(
            "每点重复{}次，每次{}。数值为各次重复的平均及{percent}%的t区间（逐点，非联合）；无人可计时为空。",
            run.replications,
            days(Language::Chinese)
        ),
    )
}

fn intervals(document: &SweepDocument) -> Option<Words> {
    let blocks = match document.run.design {
        DesignKind::SobolIndices => Words::new("blocks", "块"),
        DesignKind::Morris => Words::new("trajectories", "轨迹"),
        _ => return None,
    };
    let percent = crate::phrases::percent(document.run.level);
    let (luck_en, luck_zh) = match (document.run.replications, document.run.common_luck) {
        (1, _) => (
            "with one replication a point they hold the choice of points only, not the luck of the runs",
            "每点仅重复一次，故区间仅含设计点选取的不确定性，不含运行的随机波动",
        ),
        (_, true) => (
            "and, independently, the replications, the same ones at every point (Owen 2007; one fewer than there are, \
             Rao and Wu 1988), so they hold the choice of points and the luck of the runs",
            "并独立地对重复重抽样（各点取相同的重复，Owen 2007；抽取数比重复数少一，Rao与Wu 1988），\
             故区间同时包含设计点选取与运行随机波动的不确定性",
        ),
        (_, false) => (
            "and the replications of each point by themselves (one fewer than there are, Rao and Wu 1988), so they hold the \
             choice of points and the luck of the runs",
            "并对各点的重复分别重抽样（抽取数比重复数少一，Rao与Wu 1988），故区间同时包含设计点选取与运行随机波动的不确定性",
        ),
    };
    Some(Words::new(
        format!(
            "Intervals of sensitivities (percentile bootstrap at {percent} %): {} are drawn again 1,000 times, {luck_en}.",
            blocks.en
        ),
        format!("敏感度区间（百分位自助法，{percent}%）：对{}重抽样1,000次，{luck_zh}。", blocks.zh),
    ))
}

fn repeat(document: &SweepDocument) -> Words {
    let run = &document.run;
    let runs = count(run.runs);
    Words::new(
        format!(
            "{} in all. The same command gives the same bits, on one thread or many, in one go or broken off and \
             taken up again.",
            counted(run.runs, "run", "runs")
        ),
        format!("共{runs}次运行。相同命令得到逐位相同的结果，与线程数及是否中断续跑无关。"),
    )
}
