//! `onetrip desk`: the reference booking and payment desk, to try load tests on.

use crate::arguments::both;
use crate::console::Console;
use crate::failure::Outcome;
use crate::help::{Examples, plain, told};
use crate::sockets::make_room;
use crate::values::duration;
use anyhow::Context;
use onetrip_desk::{Database, Desk as ReferenceDesk, FAULTS, Fault, Options};
use onetrip_sim::time::SimSpan;
use std::net::SocketAddr;
use std::time::Duration;

#[derive(clap::Args, Debug)]
#[command(
    about = both(
        "Serve a small real booking and payment desk, for load tests to be tried on",
        "启动一个小型预约缴费参考服务，供负载测试试用"
    ),
    after_help = EXAMPLES.in_both()
)]
pub(crate) struct Desk {
    #[arg(
        long,
        default_value = "onetrip-desk.sqlite",
        value_name = "PATH|URL",
        help = both("SQLite file, or postgres://…", "SQLite 文件，或 postgres://…")
    )]
    database: Database,

    #[arg(
        long,
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS",
        help = both("Where to listen", "监听地址")
    )]
    listen: SocketAddr,

    #[arg(
        long,
        default_value = "15 min",
        value_name = "TIME",
        value_parser = duration,
        help = both("How long a locked place is kept", "锁号保留时长")
    )]
    hold_time: SimSpan,

    #[arg(
        long = "fault",
        value_name = "FAULT",
        help = both(
            "A known mistake to make, such as `check-then-act` or `stall:period=10s,length=1s`; may be repeated",
            "故意犯的已知错误，如 `check-then-act` 或 `stall:period=10s,length=1s`；可多次使用"
        )
    )]
    faults: Vec<String>,

    #[arg(long, help = both("List the mistakes it can make", "列出可选的错误"))]
    faults_list: bool,
}

const EXAMPLES: Examples = Examples {
    calls: &[
        told("onetrip desk", "an honest desk on SQLite", "使用 SQLite 的正确实现"),
        told("onetrip desk --fault check-then-act", "one that sells places twice", "会重复售号的实现"),
        plain("onetrip desk --database postgres://me@localhost/desk"),
        told(
            "onetrip load run --journey desk --target http://127.0.0.1:8080",
            "send patients to it",
            "向其发送患者",
        ),
    ],
    note: None,
};

impl Desk {
    pub(crate) fn execute(self, console: &mut Console) -> anyhow::Result<Outcome> {
        if self.faults_list {
            let mut text = String::new();
            for guide in FAULTS {
                text.push_str(&format!(
                    "{:<22}{} [{}]\n",
                    guide.name,
                    guide.description,
                    guide.parameters.join(", ")
                ));
            }
            console.print(&text)?;
            return Ok(Outcome::Done);
        }
        let mut options = Options::new(self.database);
        options.listen = self.listen;
        options.hold_time = Duration::from_micros(self.hold_time.as_micros());
        for text in &self.faults {
            options.faults.push(text.parse::<Fault>()?);
        }
        make_room();
        let runtime = tokio::runtime::Runtime::new().context("no threads to serve with")?;
        let mut told = Ok(());
        runtime.block_on(ReferenceDesk::serve(options, |address| {
            told = console.print(&format!("http://{address}\n"));
        }))?;
        told?;
        Ok(Outcome::Done)
    }
}
