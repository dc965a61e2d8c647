//! `onetrip-parquet DIR`: a Parquet file beside every CSV table of a folder.

use clap::Parser;
use onetrip_parquet::convert_folder;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// Write a Parquet file beside every CSV table of a folder (将文件夹中的每个 CSV 表另存为 Parquet)
#[derive(Parser, Debug)]
#[command(
    name = "onetrip-parquet",
    version,
    after_help = "Examples:\n  onetrip sweep kiosks-5 --vary station.kiosk.servers=4..9 --out rates\n  \
                  onetrip-parquet rates\n  python -c \"import pandas; print(pandas.read_parquet('rates/sweep.parquet'))\""
)]
struct Arguments {
    /// The folder that `onetrip run --out` or `onetrip sweep --out` wrote (onetrip 输出文件夹)
    folder: PathBuf,
}

const BAD_INPUT: u8 = 2;

fn main() -> ExitCode {
    match convert_folder(&Arguments::parse().folder) {
        Ok(files) => {
            for (path, rows) in files {
                // A reader that has closed the pipe has seen enough.
                if writeln!(std::io::stdout(), "{}  {rows}", path.display()).is_err() {
                    break;
                }
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(BAD_INPUT)
        }
    }
}
