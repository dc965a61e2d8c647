//! `onetrip load`: simulated patients sent to a real booking and payment system. One file a subcommand.

mod capacity;
mod check;
mod live;
mod plan;
mod replay;
mod run;
mod target;
mod verify;

use self::check::CheckArguments;
use self::plan::PlanArguments;
use self::replay::ReplayArguments;
use self::run::RunArguments;
use self::verify::VerifyArguments;
use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain};
use clap::Subcommand;
use onetrip_history::Language;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Send simulated patients to a real booking and payment system, and prove that it stayed correct",
        "向真实的预约缴费系统发送模拟患者，并检验其是否始终正确"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Load {
    #[command(subcommand)]
    command: LoadCommand,
}

#[derive(Subcommand, Debug)]
enum LoadCommand {
    #[command(
        about = both("Send a plan and judge what came of it", "发送计划并判定结果"),
        after_help = run::EXAMPLES.in_both()
    )]
    Run(Box<RunArguments>),
    #[command(
        about = both("Write the plan of a run without sending anything", "仅生成计划，不发送"),
        after_help = PLAN_EXAMPLES.in_both()
    )]
    Plan(Box<PlanArguments>),
    #[command(
        about = both("Check a journey file and show all mistakes at once", "检查旅程文件，一次列出全部问题"),
        after_help = CHECK_EXAMPLES.in_both()
    )]
    Check(CheckArguments),
    #[command(
        about = both("Judge the log of a run", "判定运行日志"),
        after_help = VERIFY_EXAMPLES.in_both()
    )]
    Verify(VerifyArguments),
    #[command(
        about = both("Send the requests of a log again", "重放日志中的请求"),
        after_help = REPLAY_EXAMPLES.in_both()
    )]
    Replay(ReplayArguments),
}

const EXAMPLES: Examples = Examples {
    calls: &[
        plain("onetrip desk --fault check-then-act &"),
        plain(
            "onetrip load run --journey desk --target http://127.0.0.1:8080 --rate 3600 --for 5min --speed 60",
        ),
    ],
    note: None,
};

const PLAN_EXAMPLES: Examples =
    Examples { calls: &[plain("onetrip load plan township --journey desk --plan-out day.plan")], note: None };

const CHECK_EXAMPLES: Examples = Examples { calls: &[plain("onetrip load check ours.toml")], note: None };

const VERIFY_EXAMPLES: Examples =
    Examples { calls: &[plain("onetrip load verify run.log --extract small.log")], note: None };

const REPLAY_EXAMPLES: Examples =
    Examples { calls: &[plain("onetrip load replay small.log --target http://127.0.0.1:8080")], note: None };

impl Load {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        match self.command {
            LoadCommand::Run(arguments) => arguments.execute(console),
            LoadCommand::Plan(arguments) => arguments.execute(console),
            LoadCommand::Check(arguments) => arguments.execute(console),
            LoadCommand::Verify(arguments) => arguments.execute(console),
            LoadCommand::Replay(arguments) => arguments.execute(console),
        }
    }
}

fn language(console: &Console) -> Language {
    match console.language {
        onetrip_report::words::Language::English => Language::English,
        onetrip_report::words::Language::Chinese => Language::Chinese,
    }
}
