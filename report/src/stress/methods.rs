//! How a stress test was made, in the words that the methods checklist asks for.

use super::{DemandPart, StressFacts, StressRun};
use crate::figures::{count, counted};
use crate::phrases::percent;
use crate::words::{Language, Words};

/// Which scenarios were run: the one there is, and what was done to it.
pub(super) fn scenarios(facts: &StressFacts<'_>) -> Words {
    let said = |language: Language| -> String {
        let all = facts.stress.iter().map(|stress| stress.in_language(language));
        all.collect::<Vec<_>>().join(language.pick(" ", ""))
    };
    Words::new(
        format!("The scenario as its file states it, and under stress. {}", said(Language::English)),
        format!("情景文件所述现状，以及施加压力后的情形。{}", said(Language::Chinese)),
    )
}

/// Aims and estimation of a search for the demand that targets bear.
pub(super) fn of_demand(part: &DemandPart, at_most: u32) -> (Words, Words) {
    let (confidence, tolerance) = (percent(part.confidence), percent(part.tolerance));
    let most = count(at_most.into());
    (
        Words::new(
            "To find how much demand each target bears, which breaks first, and where.",
            "求每项目标可承受的需求、最先失守的目标及其所在。",
        ),
        Words::new(
            format!(
                "Demands are checked from the largest down by halving, each with replications added until the mean over \
                 days surely lies on one side of the limit (fully sequential feasibility check after Andradóttir and Kim), \
                 at most {most} a check. All demands share the luck of every patient. All answers together are right with \
                 probability {confidence} % for demands whose value is off the limit by more than {tolerance} % of it."
            ),
            format!(
                "自大至小以二分法检验各需求水平，逐次增加重复，直至日均值可靠地位于限值一侧（Andradóttir与Kim的完全序贯可行性\
                 检验），单次检验最多{most}次；各需求水平共用每名患者的随机数。对数值偏离限值超过其{tolerance}%的需求水平，\
                 全部结论同时正确的概率为{confidence}%。"
            ),
        ),
    )
}

/// Aims and estimation of a disturbance.
pub(super) fn of_disturbance(run: &StressRun) -> (Words, Words) {
    let (level, replications) = (percent(run.level), count(run.replications));
    let days = match run.days {
        1 => Words::new("one day", "1天"),
        days => Words::new(format!("{days} independent days"), format!("{days}个独立工作日")),
    };
    (
        Words::new(
            "To find what the disturbance does to a day: who fares worse, which queues show it, and how long they need to be \
             back to usual.",
            "考察扰动对一天的影响：谁受影响、哪些排队变长、多久恢复正常。",
        ),
        Words::new(
            format!(
                "{} of {}, each run with and without under the same luck; differences are paired, \
                 {level} % intervals by Student's t over replications. The band of a queue in ten minutes is its longest on \
                 19 of 20 undisturbed days; medians and ninth deciles of recovery have order-statistic intervals, shares of \
                 days those of Clopper and Pearson.",
                counted(run.replications, "replication", "replications"),
                days.en
            ),
            format!(
                "{replications}次重复，每次{}，有无扰动各一次并共用随机数；差值为配对差，{level}%置信区间取重复间的Student t。\
                 某十分钟排队的正常范围为20个平日中19日的最长排队；恢复时间的中位数与第九十分位数取次序统计量区间，\
                 天数占比取Clopper–Pearson区间。",
                days.zh
            ),
        ),
    )
}
