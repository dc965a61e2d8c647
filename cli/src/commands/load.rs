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
use clap::Subcommand;
use onetrip_history::Language;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Send simulated patients to a real booking and payment system, and prove that it stayed correct",
        "向真实的预约缴费系统发送模拟患者，并检验其是否始终正确"
    ),
    after_help = both(EXAMPLES, EXAMPLES_ZH)
)]
pub(crate) struct Load {
    #[command(subcommand)]
    command: LoadCommand,
}

#[derive(Subcommand, Debug)]
enum LoadCommand {
    #[command(
        about = both("Send a plan and judge what came of it", "发送计划并判定结果"),
        after_help = both(run::EXAMPLES, run::EXAMPLES_ZH)
    )]
    Run(Box<RunArguments>),
    #[command(
        about = both("Write the plan of a run without sending anything", "仅生成计划，不发送"),
        after_help = both(
            "Example:\n  onetrip load plan township --journey desk --plan-out day.plan",
            "示例：\n  onetrip load plan township --journey desk --plan-out day.plan"
        )
    )]
    Plan(Box<PlanArguments>),
    #[command(
        about = both("Check a journey file and show all mistakes at once", "检查旅程文件，一次列出全部问题"),
        after_help = both("Example:\n  onetrip load check ours.toml", "示例：\n  onetrip load check ours.toml")
    )]
    Check(CheckArguments),
    #[command(
        about = both("Judge the log of a run", "判定运行日志"),
        after_help = both(
            "Example:\n  onetrip load verify run.log --extract small.log",
            "示例：\n  onetrip load verify run.log --extract small.log"
        )
    )]
    Verify(VerifyArguments),
    #[command(
        about = both("Send the requests of a log again", "重放日志中的请求"),
        after_help = both(
            "Example:\n  onetrip load replay small.log --target http://127.0.0.1:8080",
            "示例：\n  onetrip load replay small.log --target http://127.0.0.1:8080"
        )
    )]
    Replay(ReplayArguments),
}

const EXAMPLES: &str = "\
In one minute:
  onetrip desk --fault check-then-act &
  onetrip load run --journey desk --target http://127.0.0.1:8080 --rate 3600 --for 5min --speed 60";

const EXAMPLES_ZH: &str = "\
一分钟上手：
  onetrip desk --fault check-then-act &
  onetrip load run --journey desk --target http://127.0.0.1:8080 --rate 3600 --for 5min --speed 60";

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
