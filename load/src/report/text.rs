//! The report on a terminal, in two languages.

use super::{HallView, RunOutcome, RunReport, times_us};
use onetrip_history::Language;
use unicode_width::UnicodeWidthStr;

/// In place of a figure that there is none of.
pub(super) const NOT_TOLD: &str = "–";

/// A time as a person reads it.
pub(crate) fn time(us: u64) -> String {
    match us {
        0..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{:.1} ms", us as f64 / 1e3),
        _ => format!("{:.2} s", us as f64 / 1e6),
    }
}

/// In milliseconds, with as many digits as say something; a dash for what cannot be told.
fn milliseconds(us: Option<u64>) -> String {
    let Some(us) = us else { return NOT_TOLD.to_owned() };
    match us {
        0..10_000 => format!("{:.2}", us as f64 / 1e3),
        10_000..1_000_000 => format!("{:.1}", us as f64 / 1e3),
        _ => format!("{:.0}", us as f64 / 1e3),
    }
}

/// A row of the table of steps: eighty columns where no name and no figure is longer than most are.
fn row(cells: &[&str]) -> String {
    let widths: [usize; 9] = [13, 7, 7, 8, 8, 8, 9, 8, 12];
    let padded = cells.iter().zip(widths).enumerate().map(|(at, (cell, width))| {
        let padding = " ".repeat(width.saturating_sub(cell.width()).max(usize::from(at > 0)));
        if at == 0 { format!("{cell}{padding}") } else { format!("{padding}{cell}") }
    });
    padded.collect()
}

impl RunReport {
    /// The report for people.
    pub fn text(&self, language: Language) -> String {
        let say = |english: &'static str, chinese: &'static str| match language {
            Language::English => english,
            Language::Chinese => chinese,
        };
        let mut text = String::new();
        let mut line = |line: String| {
            text.push_str(line.trim_end());
            text.push('\n');
        };
        let (plan, statistics) = (&self.plan, &self.statistics);
        line(format!(
            "{} · {} → {}  ({} {}, {} {})",
            self.scenario(language),
            plan.journey,
            self.target,
            plan.patient_count,
            say("patients", "名患者"),
            say("rng seed", "随机种子"),
            plan.rng_seed
        ));
        if self.stopped {
            line(say("Stopped before its end; this is what ran.", "提前停止，以下为已完成部分。").to_owned());
        }
        self.void_reasons(language).for_each(&mut line);
        let (sent, rate, errors) = (statistics.sent_count(), statistics.rate(), statistics.error_count());
        let (lag, allowed) = (time(self.soundness.lag.p99_us), time(self.soundness.lag_bound_us));
        line(match language {
            Language::English => format!(
                "{sent} requests, {rate:.1}/s, {errors} without a useful answer; send lag p99 {lag} (allowed {allowed})"
            ),
            Language::Chinese => format!(
                "{sent} 个请求，每秒 {rate:.1} 个，{errors} 个无有效应答；发送延迟 p99 {lag}（允许 {allowed}）"
            ),
        });
        line(String::new());
        line(row(&[
            say("step", "步骤"),
            say("sent", "发送"),
            "ok",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "p99.9 ms",
            say("max ms", "最大 ms"),
            say("service p99", "服务 p99"),
        ]));
        for step in &statistics.steps {
            let counts = [step.sent_count, step.ok_count].map(|count| count.to_string());
            let cells: Vec<String> = counts.into_iter().chain(times_us(step).map(milliseconds)).collect();
            let cells: Vec<&str> =
                [step.name.as_str()].into_iter().chain(cells.iter().map(String::as_str)).collect();
            line(row(&cells));
            let others: Vec<String> = step
                .refused
                .iter()
                .chain(&step.unknown)
                .map(|(word, count)| format!("{word} {count}"))
                .chain((step.not_sent_count > 0).then(|| format!("not-sent {}", step.not_sent_count)))
                .chain((step.gave_up_count > 0).then(|| format!("gave-up {}", step.gave_up_count)))
                .collect();
            if !others.is_empty() {
                line(format!("{:<13}{}", "", others.join(", ")));
            }
        }
        line(String::new());
        self.hall_text(language, &mut line);
        for stall in statistics.stalls.iter().take(5) {
            line(format!(
                "{} {} {} {}",
                say("The server stood still for", "服务器停顿"),
                time(stall.until_us - stall.from_us),
                say("at", "，位于"),
                time(stall.from_us)
            ));
        }
        for (why, count) in &statistics.broken_off {
            line(format!("{count} {}: {why}", say("journeys broke off", "段旅程中断")));
        }
        for failure in &self.failures {
            line(format!("{}: {failure}", say("not read after the run", "运行后未能读取")));
        }
        line(String::new());
        line(self.verdict.text(language));
        for judgement in &self.judgements {
            let word =
                if judgement.holds { say("holds", "成立") } else { say("DOES NOT HOLD", "不成立") };
            let found = judgement.found_in(language);
            line(format!("{}: {word} ({found})", judgement.condition));
        }
        line(match self.outcome() {
            RunOutcome::Holds => say("PASSED", "通过").to_owned(),
            RunOutcome::DoesNotHold if !self.soundness.void.is_empty() => say(
                "FAILED: the violations stand, though the load was not that of the plan and nothing follows from the times",
                "未通过：违反之处成立；但实际负载与计划不符，时间数据不能得出结论",
            )
            .to_owned(),
            RunOutcome::DoesNotHold => say("FAILED", "未通过").to_owned(),
            RunOutcome::Void => {
                let violated = self.verdict.violation_count() > 0;
                say(
                    if violated {
                        "VOID: the load was not that of the plan, so nothing follows from the times; the violations stand"
                    } else {
                        "VOID: the load was not that of the plan, so nothing follows from the figures"
                    },
                    if violated {
                        "无效：实际负载与计划不符，时间数据不能得出结论；违反之处依然成立"
                    } else {
                        "无效：实际负载与计划不符，以上数字不能得出结论"
                    },
                )
                .to_owned()
            }
        });
        text
    }

    fn hall_text(&self, language: Language, line: &mut impl FnMut(String)) {
        let hall = HallView::of(&self.statistics.wait);
        line(match language {
            Language::English => format!(
                "In the hall: {} of {} patients got a slot; {} waited over 1 s for it, {} over 10 s, {} over 1 min; {} \
                 gave up waiting, {} were turned away.",
                hall.got_count,
                hall.patient_count,
                hall.over_1_s_count,
                hall.over_10_s_count,
                hall.over_60_s_count,
                hall.gave_up_count,
                hall.turned_away_count
            ),
            Language::Chinese => format!(
                "大厅视角：{} 名患者中 {} 名取得号源；其中等待超过 1 秒 {} 名、超过 10 秒 {} 名、超过 1 分钟 {} 名；{} 名因久等放弃，\
                 {} 名被拒后离开。",
                hall.patient_count,
                hall.got_count,
                hall.over_1_s_count,
                hall.over_10_s_count,
                hall.over_60_s_count,
                hall.gave_up_count,
                hall.turned_away_count
            ),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_both_languages_stand_under_each_other_in_eighty_columns() {
        let english =
            ["step", "sent", "ok", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms", "max ms", "service p99"];
        let chinese = ["步骤", "发送", "ok", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms", "最大 ms", "服务 p99"];
        let times =
            [Some(1), Some(9_999), Some(10_000), Some(999_999), Some(61_234_567), None].map(milliseconds);
        assert_eq!(times, ["0.00", "10.00", "10.0", "1000.0", "61235", "–"]);
        let mut figures = vec!["pay-medicine", "99999", "99999"];
        figures.extend(times.iter().map(String::as_str));
        for cells in [&english[..], &chinese[..], &figures[..]] {
            assert_eq!(row(cells).width(), 80, "{}", row(cells));
        }
        assert_eq!(row(&["a-step-of-a-long-name", "12345678"]), "a-step-of-a-long-name 12345678");
    }
}
