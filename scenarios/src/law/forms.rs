//! The laws a file can name, with the keys of each.

use super::OffsetLaw;
use crate::quantity::{Rate, Share};
use crate::reader::key::{
    Declared, Defaulted, Kind, Optional, Required, TableSpec, UnionSpec, defaulted, optional, required,
};
use crate::reader::kinds::{Count, Flag, Frequency, List, Number, Offset, Percentage, Seconds};
use crate::reader::{Mistake, Record, Table};
use onetrip_sim::distribution::{Distribution, DistributionError, Spread};

type Made = Result<Distribution, DistributionError>;
type Reader = fn(&Table<'_>) -> Option<Distribution>;

/// The table of a law: its form is named by the key `law`.
pub static LAW: UnionSpec = UnionSpec {
    name: "law",
    doc: "the law by which a time varies",
    tag: "law",
    variants: &[
        &EXPONENTIAL,
        &ERLANG,
        &GAMMA,
        &LOGNORMAL,
        &WEIBULL,
        &LOG_LOGISTIC,
        &HYPEREXPONENTIAL,
        &UNIFORM,
        &TRIANGULAR,
        &BETA,
        &NORMAL,
        &TRUNCATED_NORMAL,
        &SAMPLE,
        &HISTOGRAM,
        &MIXTURE,
    ],
};

/// In the order of the variants of [`LAW`].
pub(super) static READERS: &[Reader] = &[
    read_exponential,
    read_erlang,
    read_gamma,
    read_lognormal,
    read_weibull,
    read_log_logistic,
    read_hyperexponential,
    read_uniform,
    read_triangular,
    read_beta,
    read_normal,
    read_truncated_normal,
    read_sample,
    read_histogram,
    read_mixture,
];

static MEAN: Optional<Offset> = optional("mean", Offset, "the mean of the law");
static CV: Optional<Number> = optional("cv", Number::NOT_NEGATIVE, "standard deviation ÷ mean");
static SD: Optional<Seconds> = optional("sd", Seconds::ANY, "the standard deviation");
static SHIFT: Optional<Offset> =
    optional("shift", Offset, "added to every value; the other keys describe the law before the shift");
static SHAPE: Optional<Number> = optional("shape", Number::POSITIVE, "the shape parameter");
static SCALE: Optional<Seconds> = optional("scale", Seconds::POSITIVE, "the scale parameter");
static MEDIAN: Optional<Seconds> = optional("median", Seconds::POSITIVE, "the value half of all lie below");
static MIN: Optional<Offset> = optional("min", Offset, "the smallest value");
static MAX: Optional<Offset> = optional("max", Offset, "the largest value");

/// Reports what a law does not accept, at the key it names or else at the table.
fn made(table: &Table<'_>, made: Made) -> Option<Distribution> {
    let shift = table.read(&SHIFT);
    let law = match made {
        Ok(law) => law,
        Err(error) => {
            let keys: [(&str, &dyn Declared); 9] = [
                ("mean", &MEAN),
                ("cv", &CV),
                ("sd", &SD),
                ("shape", &SHAPE),
                ("scale", &SCALE),
                ("low", &MIN),
                ("high", &MAX),
                ("mode", &MODE),
                ("number of stages", &STAGES),
            ];
            let named = keys.iter().find(|(what, _)| *what == error.what).map(|(_, key)| *key);
            let place = named.map_or_else(|| table.place(), |key| table.place_of(key));
            let name = named.map_or(&*error.what, |key| key.name());
            let unit = if matches!(name, "cv" | "shape" | "stages") { "" } else { " (times in seconds)" };
            let message = format!("{}: {name} is {}{unit}", error.law, error.value);
            let accepted = error.accepted.replace("(low)", "(min)").replace("(high)", "(max)");
            table.report(&place, Mistake::new(message).accepted(accepted));
            return None;
        }
    };
    match shift? {
        None => Some(law),
        Some(offset) => law.shifted(offset).ok(),
    }
}

/// The mean and spread, in one of the first two of the ways of a law (mean and cv, mean and sd).
fn mean_and_spread(table: &Table<'_>, way: usize) -> Option<(f64, Spread)> {
    let mean = table.read(&MEAN);
    let spread = match way {
        0 => table.read(&CV)?.map(Spread::Cv),
        _ => table.read(&SD)?.map(Spread::Sd),
    };
    Some((mean??, spread?))
}

/// Reads a law by mean and spread, or by two parameters of its own.
fn read_by_mean_or<A, B>(
    table: &Table<'_>,
    by_mean: fn(f64, Spread) -> Made,
    first: &'static Optional<A>,
    second: &'static Optional<B>,
    natural: fn(f64, f64) -> Made,
) -> Option<Distribution>
where
    A: Kind<Out = f64>,
    B: Kind<Out = f64>,
{
    let law = match table.way(&[&[&MEAN, &CV], &[&MEAN, &SD], &[first, second]])? {
        2 => {
            let (first, second) = (table.read(first), table.read(second));
            natural(first??, second??)
        }
        way => {
            let (mean, spread) = mean_and_spread(table, way)?;
            by_mean(mean, spread)
        }
    };
    made(table, law)
}

static EXPONENTIAL: TableSpec = TableSpec {
    name: "exponential",
    doc: "exponential: without memory, by its mean or its rate",
    keys: &[&MEAN, &RATE, &SHIFT],
};
static RATE: Optional<Frequency> =
    optional("rate", Frequency, "how often it would happen without pause; 1 ÷ mean");

fn read_exponential(table: &Table<'_>) -> Option<Distribution> {
    let mean = match table.way(&[&[&MEAN], &[&RATE]])? {
        0 => table.read(&MEAN)??,
        _ => 1.0 / table.read(&RATE)?.map(Rate::per_second)?,
    };
    made(table, Distribution::exponential(mean))
}

static ERLANG: TableSpec = TableSpec {
    name: "erlang",
    doc: "Erlang: the sum of some exponential stages of equal mean",
    keys: &[&STAGES, &STAGES_MEAN, &SHIFT],
};
static STAGES: Required<Count> = required("stages", Count::POSITIVE, "how many stages; cv = 1 ÷ √stages");
static STAGES_MEAN: Required<Seconds> =
    required("mean", Seconds::POSITIVE, "the mean of all stages together");

fn read_erlang(table: &Table<'_>) -> Option<Distribution> {
    let (stages, mean) = (table.read(&STAGES), table.read(&STAGES_MEAN));
    made(table, Distribution::erlang(stages?, mean?))
}

static GAMMA: TableSpec = TableSpec {
    name: "gamma",
    doc: "gamma, by mean and spread, or by shape and scale (mean = shape · scale)",
    keys: &[&MEAN, &CV, &SD, &SHAPE, &SCALE, &SHIFT],
};

fn read_gamma(table: &Table<'_>) -> Option<Distribution> {
    read_by_mean_or(table, Distribution::gamma_with_mean, &SHAPE, &SCALE, Distribution::gamma)
}

static LOGNORMAL: TableSpec = TableSpec {
    name: "lognormal",
    doc: "lognormal, by mean and spread, or by median and the standard deviation of the logarithm",
    keys: &[&MEAN, &CV, &SD, &MEDIAN, &SIGMA, &SHIFT],
};
static SIGMA: Optional<Number> =
    optional("sigma", Number::NOT_NEGATIVE, "standard deviation of the natural logarithm");

fn read_lognormal(table: &Table<'_>) -> Option<Distribution> {
    let natural = |median: f64, sigma: f64| Distribution::lognormal(median.ln(), sigma);
    read_by_mean_or(table, Distribution::lognormal_with_mean, &MEDIAN, &SIGMA, natural)
}

static WEIBULL: TableSpec = TableSpec {
    name: "weibull",
    doc: "Weibull, by mean and spread, or by shape and scale",
    keys: &[&MEAN, &CV, &SD, &SHAPE, &SCALE, &SHIFT],
};

fn read_weibull(table: &Table<'_>) -> Option<Distribution> {
    read_by_mean_or(table, Distribution::weibull_with_mean, &SHAPE, &SCALE, Distribution::weibull)
}

static LOG_LOGISTIC: TableSpec = TableSpec {
    name: "log_logistic",
    doc: "log-logistic, by mean and spread, or by shape and median",
    keys: &[&MEAN, &CV, &SD, &SHAPE, &MEDIAN, &SHIFT],
};

fn read_log_logistic(table: &Table<'_>) -> Option<Distribution> {
    let by_mean = Distribution::log_logistic_with_mean;
    read_by_mean_or(table, by_mean, &SHAPE, &MEDIAN, Distribution::log_logistic)
}

static HYPEREXPONENTIAL: TableSpec = TableSpec {
    name: "hyperexponential",
    doc: "hyperexponential: one of several exponential laws, by mean and spread (two branches of balanced means), \
          or by the share and mean of each branch",
    keys: &[&MEAN, &CV, &SD, &SHARES, &MEANS, &SHIFT],
};
static SHARES: Optional<List<Percentage>> =
    optional("shares", List::at_least(1, Percentage), "the share of each branch; together 100 %");
static MEANS: Optional<List<Seconds>> =
    optional("means", List::at_least(1, Seconds::POSITIVE), "the mean of each branch");

fn read_hyperexponential(table: &Table<'_>) -> Option<Distribution> {
    let law = match table.way(&[&[&MEAN, &CV], &[&MEAN, &SD], &[&SHARES, &MEANS]])? {
        2 => {
            let (shares, means) = (table.read(&SHARES), table.read(&MEANS));
            let (shares, means) = (shares??, means??);
            if shares.len() != means.len() {
                let message = format!("{} means stand beside {} shares", means.len(), shares.len());
                table
                    .report(&table.place_of(&MEANS), Mistake::new(message).accepted("a mean for each share"));
                return None;
            }
            let weights = whole(table, &SHARES, &shares)?;
            Distribution::hyperexponential(&weights, &means)
        }
        way => {
            let (mean, spread) = mean_and_spread(table, way)?;
            Distribution::hyperexponential_with_mean(mean, spread)
        }
    };
    made(table, law)
}

/// Shares that add up to the whole, to a tenth of a percent, as numbers.
fn whole(table: &Table<'_>, key: &dyn Declared, shares: &[Share]) -> Option<Vec<f64>> {
    let parts: Vec<f64> = shares.iter().map(|share| share.part()).collect();
    let Some(mistake) = Mistake::of_parts("the shares", parts.iter().sum()) else { return Some(parts) };
    table.report(&table.place_of(key), mistake);
    None
}

static UNIFORM: TableSpec = TableSpec {
    name: "uniform",
    doc: "uniform: every value between two alike, by the two or by mean and spread",
    keys: &[&MEAN, &CV, &SD, &MIN, &MAX, &SHIFT],
};

fn read_uniform(table: &Table<'_>) -> Option<Distribution> {
    read_by_mean_or(table, Distribution::uniform_with_mean, &MIN, &MAX, Distribution::uniform)
}

static TRIANGULAR: TableSpec = TableSpec {
    name: "triangular",
    doc: "triangular, by smallest, likeliest and largest value, or symmetric by mean and spread",
    keys: &[&MEAN, &CV, &SD, &MIN, &MODE, &MAX, &SHIFT],
};
static MODE: Optional<Offset> = optional("mode", Offset, "the likeliest value");

fn read_triangular(table: &Table<'_>) -> Option<Distribution> {
    let law = match table.way(&[&[&MEAN, &CV], &[&MEAN, &SD], &[&MIN, &MODE, &MAX]])? {
        2 => {
            let (min, mode, max) = (table.read(&MIN), table.read(&MODE), table.read(&MAX));
            Distribution::triangular(min??, mode??, max??)
        }
        way => {
            let (mean, spread) = mean_and_spread(table, way)?;
            Distribution::triangular_with_mean(mean, spread)
        }
    };
    made(table, law)
}

static BETA: TableSpec = TableSpec {
    name: "beta",
    doc: "beta between a smallest and a largest value, by mean and spread, or by its two shapes",
    keys: &[&BETA_MIN, &BETA_MAX, &MEAN, &CV, &SD, &ALPHA, &BETA_SHAPE, &SHIFT],
};
static BETA_MIN: Required<Offset> = required("min", Offset, "the smallest value");
static BETA_MAX: Required<Offset> = required("max", Offset, "the largest value");
static ALPHA: Optional<Number> = optional("alpha", Number::POSITIVE, "shape at the smallest value");
static BETA_SHAPE: Optional<Number> = optional("beta", Number::POSITIVE, "shape at the largest value");

fn read_beta(table: &Table<'_>) -> Option<Distribution> {
    let (low, high) = (table.read(&BETA_MIN), table.read(&BETA_MAX));
    let law = match table.way(&[&[&MEAN, &CV], &[&MEAN, &SD], &[&ALPHA, &BETA_SHAPE]])? {
        2 => {
            let (alpha, beta) = (table.read(&ALPHA), table.read(&BETA_SHAPE));
            Distribution::beta(alpha??, beta??, low?, high?)
        }
        way => {
            let (mean, spread) = mean_and_spread(table, way)?;
            Distribution::beta_with_mean(mean, spread, low?, high?)
        }
    };
    made(table, law)
}

static NORMAL: TableSpec = TableSpec {
    name: "normal",
    doc: "normal, for what may be negative such as punctuality",
    keys: &[&MEAN, &CV, &SD, &SHIFT],
};

fn read_normal(table: &Table<'_>) -> Option<Distribution> {
    let way = table.way(&[&[&MEAN, &CV], &[&MEAN, &SD]])?;
    let (mean, spread) = mean_and_spread(table, way)?;
    made(table, Distribution::normal_with_mean(mean, spread))
}

static TRUNCATED_NORMAL: TableSpec = TableSpec {
    name: "truncated_normal",
    doc: "normal cut at zero, by the mean and spread after the cut; or any normal law, by its centre and standard \
          deviation before the cut, cut at `min` (0 when absent) and `max`",
    keys: &[&MEAN, &CV, &SD, &CENTRE, &MIN, &MAX, &SHIFT],
};
static CENTRE: Optional<Offset> = optional("centre", Offset, "the mean of the normal law before it is cut");

fn read_truncated_normal(table: &Table<'_>) -> Option<Distribution> {
    let law = match table.way(&[&[&MEAN, &CV], &[&MEAN, &SD], &[&CENTRE, &SD]])? {
        2 => {
            let (centre, sd) = (table.read(&CENTRE), table.read(&SD));
            let (min, max) = (table.read(&MIN), table.read(&MAX));
            Distribution::truncated_normal(centre??, sd??, min?.unwrap_or(0.0), max?.unwrap_or(f64::INFINITY))
        }
        way => {
            let why = "the mean after the cut is given, which lies at zero; give `centre` instead";
            table.refuse_key(&MIN, why);
            table.refuse_key(&MAX, why);
            let (mean, spread) = mean_and_spread(table, way)?;
            Distribution::truncated_normal_with_mean(mean, spread)
        }
    };
    made(table, law)
}

static SAMPLE: TableSpec = TableSpec {
    name: "sample",
    doc: "observed values: one of them, each alike; or, interpolated, a value between neighbours",
    keys: &[&VALUES, &INTERPOLATE, &SHIFT],
};
static VALUES: Required<List<Offset>> = required("values", List::at_least(1, Offset), "the observed values");
static INTERPOLATE: Defaulted<Flag> =
    defaulted("interpolate", Flag, "false", "join the observed values by a continuous law");

fn read_sample(table: &Table<'_>) -> Option<Distribution> {
    let (values, interpolate) = (table.read(&VALUES), table.read(&INTERPOLATE));
    let values = values?;
    let law =
        if interpolate? { Distribution::interpolated_sample(&values) } else { Distribution::sample(&values) };
    made(table, law)
}

static HISTOGRAM: TableSpec = TableSpec {
    name: "histogram",
    doc: "a histogram: how much weight lies between neighbouring edges, evenly spread within each",
    keys: &[&EDGES, &WEIGHTS, &SHIFT],
};
static EDGES: Required<List<Offset>> =
    required("edges", List::at_least(2, Offset), "the rising edges, one more than weights");
static WEIGHTS: Required<List<Number>> =
    required("weights", List::at_least(1, Number::NOT_NEGATIVE), "the weight or count of each bin");

fn read_histogram(table: &Table<'_>) -> Option<Distribution> {
    let (edges, weights) = (table.read(&EDGES), table.read(&WEIGHTS));
    made(table, Distribution::histogram(&edges?, &weights?))
}

static MIXTURE: TableSpec = TableSpec {
    name: "mixture",
    doc: "one of several laws, each with its share",
    keys: &[&COMPONENTS, &SHIFT],
};
static COMPONENTS: Required<List<Record<Component>>> = required(
    "components",
    List::at_least(1, Record { spec: &COMPONENT, read: read_component }),
    "the laws with their shares; together 100 %",
);
static COMPONENT: TableSpec =
    TableSpec { name: "component", doc: "a law within a mixture", keys: &[&SHARE, &OF] };
static SHARE: Required<Percentage> = required("share", Percentage, "how often the value follows this law");
static OF: Required<OffsetLaw> = required("of", OffsetLaw, "the law: a duration or a table");

struct Component {
    share: Share,
    law: Distribution,
}

fn read_component(table: &Table<'_>) -> Option<Component> {
    let (share, law) = (table.read(&SHARE), table.read(&OF));
    Some(Component { share: share?, law: law? })
}

fn read_mixture(table: &Table<'_>) -> Option<Distribution> {
    let components = table.read(&COMPONENTS)?;
    let shares: Vec<Share> = components.iter().map(|component| component.share).collect();
    let laws: Vec<Distribution> = components.into_iter().map(|component| component.law).collect();
    let weights = whole(table, &COMPONENTS, &shares)?;
    made(table, Distribution::mixture(&weights, &laws))
}
