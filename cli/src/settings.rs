//! How a scenario is run: how many replications and days, with which random numbers, on how many threads.

use crate::arguments::both;
use crate::values::{duration, level, tolerance};
use anyhow::Context;
use onetrip_scenarios::load::Scenario;
use onetrip_sim::time::SimSpan;
use onetrip_studies::replicate::{ReplicationCount, RunSettings};
use onetrip_studies::size::SizeSettings;
use onetrip_studies::statistics::interval::Level;
use onetrip_studies::statistics::replications::Precision;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Options of a run.
#[derive(clap::Args, Debug)]
pub(crate) struct SettingsArguments {
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "precision",
        value_parser = clap::value_parser!(u32).range(1..),
        help = both(
            "Replications: independent runs with luck of their own; as many as --precision needs when absent",
            "重复次数（相互独立的运行）；不填则由 --precision 决定"
        )
    )]
    replications: Option<u32>,

    #[arg(
        long,
        value_name = "P",
        help = both(
            "How narrow the 95 % intervals of the headline measures must be: half a width as a share of the value \
             (`5%`), in seconds for durations (`10s`), or whichever is met first (`5%,10s`) [default: 5%,5s]",
            "主要指标 95% 置信区间的半宽：相对值（`5%`）、时长的秒数（`10s`），或先达到者（`5%,10s`）[默认 5%,5s]"
        )
    )]
    precision: Option<AskedPrecision>,

    #[arg(
        long,
        value_name = "N",
        conflicts_with = "replications",
        value_parser = clap::value_parser!(u32).range(3..),
        help = both(
            "Most replications that --precision may take [default: 1000]",
            "--precision 最多使用的重复次数 [默认 1000]"
        )
    )]
    at_most: Option<u32>,

    #[command(flatten)]
    days: DaysArgument,

    #[command(flatten)]
    work: WorkArguments,
}

/// How long a replication is.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct DaysArgument {
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..),
        help = both(
            "Independent days (for networks: runs) in each replication [default: 1]",
            "每次重复中的独立天数（网络则为运行次数）[默认 1]"
        )
    )]
    days: Option<u32>,
}

impl DaysArgument {
    /// The days of a replication.
    pub(crate) fn days(self) -> u32 {
        self.days.unwrap_or(1)
    }
}

/// With which random numbers work is done, and on how many threads.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct WorkArguments {
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        help = both(
            "The number from which all randomness follows; the same number gives the same results to the last bit",
            "随机种子；相同种子得到完全相同的结果"
        )
    )]
    pub(crate) rng_seed: u64,

    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..),
        help = both(
            "Threads to work on; all there are when absent. Results do not depend on it",
            "线程数；默认使用全部处理器，结果与线程数无关"
        )
    )]
    threads: Option<u16>,
}

/// How sure the answer of a search must be, and how much work it may take.
#[derive(clap::Args, Clone, Copy, Debug)]
pub(crate) struct SearchArguments {
    #[arg(
        long,
        value_name = "P",
        default_value = "95%",
        value_parser = level,
        help = both(
            "Probability with which the answer must be right; level of intervals",
            "结论正确的概率，亦为区间置信度"
        )
    )]
    pub(crate) confidence: Level,

    #[arg(
        long,
        value_name = "P",
        default_value = "5%",
        value_parser = tolerance,
        help = both(
            "How far from the limit either answer is accepted, as a share of it; half of it takes about four times the \
             replications near the limit",
            "容差（占限值的比例），在此范围内两种判断均可接受；容差减半，限值附近所需重复次数约为四倍"
        )
    )]
    tolerance: f64,

    #[arg(
        long,
        value_name = "N",
        default_value_t = 4000,
        value_parser = clap::value_parser!(u32).range(20..),
        help = both("Most replications of one check", "单次检验的最多重复次数")
    )]
    at_most: u32,

    #[arg(
        long,
        value_name = "DURATION",
        value_parser = duration,
        help = both(
            "Begin no replication after this long, such as `90 s`; what is known is shown",
            "超过该时长后不再开始新的重复（如 `90 s`），并显示已有结果"
        )
    )]
    pub(crate) time_limit: Option<SimSpan>,
}

/// A share as it is typed. 5 / 100 · 100 is 5, not 5.000000000000001.
pub(crate) fn percent(share: f64) -> String {
    format!("{}%", (share * 1e11).round() / 1e9)
}

/// Replications that a precision may take, unless it is said how many.
const MOST_REPLICATIONS: u32 = 1000;

/// A precision as typed.
#[derive(Clone, Copy, PartialEq, Debug)]
struct AskedPrecision(Precision);

/// A wait of a few seconds need not be known to a twentieth.
const USUAL: AskedPrecision = AskedPrecision(Precision::Either { relative: 0.05, absolute: 5.0 });

impl FromStr for AskedPrecision {
    type Err = String;

    fn from_str(text: &str) -> Result<AskedPrecision, String> {
        let refused = || {
            format!(
                "`{text}` is no precision; accepted: a share above 0 % such as `5%`, seconds such as `10s`, or \
                 whichever is met first, `5%,10s`"
            )
        };
        let number =
            |text: &str| text.trim().parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
        let share = |text: &str| Some(number(text.trim().strip_suffix('%')?)? / 100.0);
        let seconds = |text: &str| number(text.trim().strip_suffix('s')?);
        let precision = match text.split_once(',') {
            Some((first, second)) => share(first)
                .zip(seconds(second))
                .map(|(relative, absolute)| Precision::Either { relative, absolute }),
            None => share(text).map(Precision::Relative).or_else(|| seconds(text).map(Precision::Absolute)),
        };
        precision.map(AskedPrecision).ok_or_else(refused)
    }
}

impl fmt::Display for AskedPrecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Precision::Relative(relative) => f.write_str(&percent(relative)),
            Precision::Absolute(absolute) => write!(f, "{absolute}s"),
            Precision::Either { relative, absolute } => write!(f, "{},{absolute}s", percent(relative)),
        }
    }
}

impl SettingsArguments {
    /// So many replications of one day, on all threads.
    pub(crate) fn fixed(replications: u32, rng_seed: u64) -> SettingsArguments {
        SettingsArguments {
            replications: Some(replications),
            precision: None,
            at_most: None,
            days: DaysArgument { days: None },
            work: WorkArguments { rng_seed, threads: None },
        }
    }

    /// Whether the person asks for more than one day, or for days until something is known.
    pub(crate) fn asks_repetition(&self) -> bool {
        self.replications.is_some()
            || self.precision.is_some()
            || self.at_most.is_some()
            || self.days.days.is_some()
    }

    /// The settings of a run: what was typed, else what the scenario asks for, else the usual precision. A limit alone
    /// asks for the usual precision too.
    pub(crate) fn settings(&self, scenario: &Scenario) -> RunSettings {
        let of_scenario = match scenario {
            Scenario::Network(spec) => spec.run.replications,
            Scenario::Hospital(_) => None,
        };
        let enough = |precision: AskedPrecision| ReplicationCount::Enough {
            precision: precision.0,
            at_most: self.at_most.unwrap_or(MOST_REPLICATIONS),
        };
        let replications = match (self.replications, self.precision, of_scenario) {
            (Some(count), ..) => ReplicationCount::Fixed(count),
            (None, Some(precision), _) => enough(precision),
            (None, None, Some(count)) if self.at_most.is_none() => ReplicationCount::Fixed(count),
            (None, None, _) => enough(USUAL),
        };
        RunSettings { rng_seed: self.work.rng_seed, replications, days: self.days.days(), level: Level::P95 }
    }

    /// The number from which all randomness follows.
    pub(crate) fn rng_seed(&self) -> u64 {
        self.work.rng_seed
    }

    /// Does the work on the threads asked for.
    ///
    /// # Errors
    /// As [`WorkArguments::on_threads`].
    pub(crate) fn on_threads<T: Send>(&self, work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
        self.work.on_threads(work)
    }
}

impl WorkArguments {
    /// Does the work on the threads asked for.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub(crate) fn on_threads<T: Send>(&self, work: impl FnOnce() -> T + Send) -> anyhow::Result<T> {
        let Some(threads) = self.threads else { return Ok(work()) };
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads.into())
            .build()
            .with_context(|| format!("cannot start {threads} threads"))?;
        Ok(pool.install(work))
    }
}

impl SearchArguments {
    /// The settings of a search.
    pub(crate) fn settings(&self, rng_seed: u64, days: u32) -> SizeSettings {
        SizeSettings {
            rng_seed,
            days,
            level: self.confidence,
            tolerance_share: self.tolerance,
            at_most: self.at_most,
            time_limit: self.time_limit.map(|limit| Duration::from_micros(limit.as_micros())),
        }
    }

    /// The words of a command line that say the same, but for the time limit, which is no part of the answer.
    pub(crate) fn words(&self) -> Vec<String> {
        let confidence = ["--confidence".to_owned(), percent(self.confidence.share())];
        let tolerance = ["--tolerance".to_owned(), percent(self.tolerance)];
        let at_most = ["--at-most".to_owned(), self.at_most.to_string()];
        [confidence, tolerance, at_most].concat()
    }
}

/// The words of a command line that repeat a run to the bit.
pub(crate) fn repeating_words(settings: &RunSettings) -> Vec<String> {
    let mut words = Vec::new();
    match settings.replications {
        ReplicationCount::Fixed(count) => words.extend(["--replications".to_owned(), count.to_string()]),
        ReplicationCount::Enough { precision, at_most } => words.extend([
            "--precision".to_owned(),
            AskedPrecision(precision).to_string(),
            "--at-most".to_owned(),
            at_most.to_string(),
        ]),
    }
    words.extend(["--days".to_owned(), settings.days.to_string()]);
    words.extend(["--rng-seed".to_owned(), settings.rng_seed.to_string()]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_precision_is_a_share_or_seconds_and_nothing_else() {
        let read = |text: &str| text.parse::<AskedPrecision>().map(|asked| asked.0);
        assert_eq!(read("5%"), Ok(Precision::Relative(0.05)));
        assert_eq!(read(" 2.5 % "), Ok(Precision::Relative(0.025)));
        assert_eq!(read("10 s"), Ok(Precision::Absolute(10.0)));
        assert_eq!(read("5%, 10s"), Ok(Precision::Either { relative: 0.05, absolute: 10.0 }));
        for wrong in ["", "5", "0%", "-1%", "nan%", "five%", "10 min", "10s,5%", "5%,", ","] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_precision_is_written_as_it_is_read() {
        for text in ["5%", "2.5%", "0.1%", "7%", "10s", "0.5s", "5%,10s"] {
            assert_eq!(text.parse::<AskedPrecision>().unwrap().to_string(), text);
        }
    }
}
