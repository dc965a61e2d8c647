//! Where requests go, as it is typed.

use crate::arguments::both;
use crate::sockets::make_room;
use onetrip_load::engine::{HttpTransport, Target};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(clap::Args, Debug)]
pub(super) struct TargetArguments {
    #[arg(long, value_name = "URL", help = both(
        "Base address of the system under test", "被测系统的基础地址"
    ))]
    target: String,

    #[arg(long, value_name = "HOST", help = both(
        "Confirms that this other machine may be put under load; may be repeated", "确认可对该主机施加负载；可多次使用"
    ))]
    allow_host: Vec<String>,

    #[arg(long, value_name = "FILE", help = both("Certificates to trust", "信任的证书文件"))]
    ca: Option<PathBuf>,

    #[arg(long, help = both("Speak HTTP/2", "使用 HTTP/2"))]
    http2: bool,
}

impl TargetArguments {
    /// The target and the way to it, with room for the sockets of a crowd.
    pub(super) fn open(
        &self,
        secrets: Vec<(String, String)>,
    ) -> anyhow::Result<(Target, Arc<HttpTransport>)> {
        make_room();
        let target = Target::parse(&self.target, &self.allow_host)?;
        let transport = HttpTransport::new(target.clone(), secrets, self.ca.as_deref(), self.http2)?;
        Ok((target, Arc::new(transport)))
    }
}
