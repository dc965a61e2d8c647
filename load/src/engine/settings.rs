//! How a run is made, and when its figures are worth nothing.

use super::statistics::Latency;
use schemars::JsonSchema;
use serde::Serialize;

/// How a run is made.
#[derive(Clone, PartialEq, Debug)]
pub struct Settings {
    /// Mark that tells the objects of this run from those of others.
    pub run: String,
    /// Most requests a second; a run that was held back by it is void.
    pub rate_limit: Option<f64>,
    /// Most requests in flight; a run that reached it is void.
    pub in_flight_max: Option<usize>,
    /// How late the generator may send at the 99th percentile, in µs, whatever the rate; by default a tenth of the mean
    /// gap between requests, but not less than a millisecond.
    pub lag_bound_us: Option<u64>,
    /// How long requests in flight may go on after the last patient's last step was due, in µs; the patients' patience
    /// and the journey's timeouts end them long before.
    pub drain_time_us: u64,
}

impl Settings {
    /// An unbounded run with this mark.
    pub fn new(run: impl Into<String>) -> Settings {
        Settings {
            run: run.into(),
            rate_limit: None,
            in_flight_max: None,
            lag_bound_us: None,
            drain_time_us: 600_000_000,
        }
    }
}

/// Why the figures of a run are worth nothing.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case", tag = "reason")]
#[non_exhaustive]
pub enum VoidReason {
    /// The generator sent late.
    SentLate {
        /// 99th percentile of its lateness, in µs.
        lag_p99_us: u64,
        /// What was allowed, in µs.
        bound_us: u64,
    },
    /// The rate limit held requests back.
    HeldBack {
        /// How many.
        request_count: u64,
    },
    /// The bound on requests in flight was reached.
    InFlightBound {
        /// How many had to wait for it.
        request_count: u64,
    },
    /// Patients of the plan were never started, though nobody stopped the run.
    NotStarted {
        /// How many.
        patient_count: u64,
    },
    /// This machine had no socket left for some requests.
    SocketsExhausted {
        /// How many.
        request_count: u64,
    },
    /// Nothing was sent.
    Empty,
}

impl VoidReason {
    /// The reason in words, English and Chinese.
    pub fn words(&self) -> [String; 2] {
        let ms = |us: &u64| format!("{:.2} ms", *us as f64 / 1000.0);
        match self {
            VoidReason::SentLate { lag_p99_us, bound_us } => [
                format!(
                    "requests went out late: p99 of the send lag is {}, {} are allowed. Free this machine's processor \
                     (or lower the rate); where times of that order do not matter, run it with --lag-bound {}ms",
                    ms(lag_p99_us),
                    ms(bound_us),
                    ample_ms(*lag_p99_us)
                ),
                format!(
                    "请求发出过晚：发送延迟 p99 为 {}，允许 {}。请释放本机处理器（或降低速率）；若这一量级的时间无关紧要，\
                     可加 --lag-bound {}ms 重新运行",
                    ms(lag_p99_us),
                    ms(bound_us),
                    ample_ms(*lag_p99_us)
                ),
            ],
            VoidReason::HeldBack { request_count } => [
                format!(
                    "the rate limit held {request_count} requests back, so the load was not that of the plan"
                ),
                format!("速率上限推迟了 {request_count} 个请求，实际负载与计划不符"),
            ],
            VoidReason::InFlightBound { request_count } => [
                format!(
                    "{request_count} requests had to wait for others to be answered, so the load was not open"
                ),
                format!("{request_count} 个请求须等待其他请求返回，负载并非开放式"),
            ],
            VoidReason::NotStarted { patient_count } => [
                format!("{patient_count} patients of the plan were never started"),
                format!("计划中的 {patient_count} 名患者从未开始"),
            ],
            VoidReason::SocketsExhausted { request_count } => [
                format!(
                    "{request_count} requests were not sent, because this machine had no socket left for them. Raise \
                     its limit of open files (`ulimit -Hn` tells it) or its range of local ports \
                     (net.ipv4.ip_local_port_range), or send many on one connection with --http2"
                ),
                format!(
                    "{request_count} 个请求因本机套接字用尽而未发出。请提高打开文件数上限（`ulimit -Hn` 可查看）或扩大\
                     本地端口范围（net.ipv4.ip_local_port_range），或加 --http2 让多个请求共用一个连接"
                ),
            ],
            VoidReason::Empty => ["nothing was sent".to_owned(), "没有发出任何请求".to_owned()],
        }
    }
}

/// A round number of milliseconds, half as much again or more.
fn ample_ms(us: u64) -> u64 {
    let wanted = (us * 3 / 2).div_ceil(1000).max(1);
    let ten = 10_u64.pow(wanted.ilog10());
    [1, 2, 5, 10].into_iter().map(|step| step * ten).find(|ms| *ms >= wanted).unwrap_or(wanted)
}

/// Whether a run offered the load it was asked to.
#[derive(Clone, PartialEq, Debug, Serialize, JsonSchema)]
pub struct Soundness {
    /// How late requests were sent, in µs: after the intended instant, or after the patient was free to send if that
    /// was later.
    pub lag: Latency,
    /// What is allowed at its 99th percentile, in µs.
    pub lag_bound_us: u64,
    /// Most requests in flight at a time.
    pub in_flight_most: u64,
    /// Why the run is void; empty when it is not.
    pub void: Vec<VoidReason>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_run_is_told_what_would_have_been_enough() {
        for (lag_p99_us, enough) in
            [(1, 1), (1_100, 2), (3_400, 10), (25_170, 50), (37_980, 100), (900_000, 2_000)]
        {
            let [english, chinese] = VoidReason::SentLate { lag_p99_us, bound_us: 1_000 }.words();
            let option = format!("--lag-bound {enough}ms");
            assert!(english.ends_with(&option) && chinese.contains(&option), "{lag_p99_us}: {english}");
        }
    }
}
