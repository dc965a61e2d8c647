//! A table: read from CSV, written as Parquet.

use crate::column::{Column, Values};
use parquet::basic::{Compression, LogicalType, Repetition, Type as PhysicalType};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::Result;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;
use std::io::{Read, Write};
use std::ops::Range;
use std::sync::Arc;

/// Rows of one group; readers take groups in parallel and leave out those they need not.
const GROUP: usize = 1 << 17;

/// A table with typed columns.
#[derive(Clone, PartialEq, Debug)]
pub struct Table {
    columns: Vec<Column>,
    row_count: usize,
}

impl Table {
    /// Reads a CSV file with a row of names.
    ///
    /// # Errors
    /// When it is not to be read, or its rows are not of one length.
    pub fn read(mut reader: csv::Reader<impl Read>) -> csv::Result<Table> {
        let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let mut cells: Vec<Vec<Option<String>>> = vec![Vec::new(); names.len()];
        let mut row_count = 0;
        for record in reader.records() {
            for (column, cell) in cells.iter_mut().zip(record?.iter()) {
                column.push((!cell.is_empty()).then(|| cell.to_owned()));
            }
            row_count += 1;
        }
        let columns = names.iter().zip(cells).map(|(name, cells)| Column::new(name, cells)).collect();
        Ok(Table { columns, row_count })
    }

    /// How many rows there are.
    pub fn row_count(&self) -> usize {
        self.row_count
    }

    /// The columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Writes the table as a Parquet file.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, file: impl Write + Send) -> Result<()> {
        let fields = self.columns.iter().map(field).collect::<Result<Vec<_>>>()?;
        let schema = Arc::new(Type::group_type_builder("onetrip").with_fields(fields).build()?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("onetrip ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
        let mut start = 0;
        while start < self.row_count {
            let rows = start..self.row_count.min(start + GROUP);
            let mut group = writer.next_row_group()?;
            for column in &self.columns {
                if let Some(columns) = group.next_column()? {
                    write_column(columns, &column.values, rows.clone())?;
                }
            }
            group.close()?;
            start = rows.end;
        }
        writer.close()?;
        Ok(())
    }
}

fn field(column: &Column) -> Result<Arc<Type>> {
    let (physical, logical) = match column.values {
        Values::Whole(_) => (PhysicalType::INT64, None),
        Values::Number(_) => (PhysicalType::DOUBLE, None),
        Values::Text(_) => (PhysicalType::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let field = Type::primitive_type_builder(&column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()?;
    Ok(Arc::new(field))
}

fn write_column(writer: SerializedColumnWriter<'_>, values: &Values, rows: Range<usize>) -> Result<()> {
    match values {
        Values::Whole(all) => write_values::<Int64Type, _>(writer, &all[rows], |value| *value),
        Values::Number(all) => write_values::<DoubleType, _>(writer, &all[rows], |value| *value),
        Values::Text(all) => {
            write_values::<ByteArrayType, _>(writer, &all[rows], |text| ByteArray::from(text.as_str()))
        }
    }
}

/// Writes what is there, and for every row whether it is.
fn write_values<T: DataType, V>(
    mut writer: SerializedColumnWriter<'_>,
    cells: &[Option<V>],
    of: impl Fn(&V) -> T::T,
) -> Result<()> {
    let present: Vec<T::T> = cells.iter().flatten().map(of).collect();
    let is_present: Vec<i16> = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    writer.typed::<T>().write_batch(&present, Some(&is_present), None)?;
    writer.close()
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    #[test]
    fn what_is_written_reads_back_to_the_same_values() {
        let text =
            "point,车站.a,measure,unit,mean,low\n1,挂号,wait,s,0.1,\n2,\"a, \"\"b\"\"\",wait,1,-2.5e-300,7\n";
        let table = Table::read(csv::Reader::from_reader(text.as_bytes())).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        table.write(std::fs::File::create(&path).unwrap()).unwrap();
        let reader = SerializedFileReader::new(std::fs::File::open(&path).unwrap()).unwrap();
        let rows: Vec<Vec<Field>> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| row.unwrap().get_column_iter().map(|(_, field)| field.clone()).collect())
            .collect();
        let text = |text: &str| Field::Str(text.to_owned());
        assert_eq!(
            rows,
            [
                vec![Field::Long(1), text("挂号"), text("wait"), text("s"), Field::Double(0.1), Field::Null],
                vec![
                    Field::Long(2),
                    text("a, \"b\""),
                    text("wait"),
                    text("1"),
                    Field::Double(-2.5e-300),
                    Field::Double(7.0)
                ],
            ]
        );
    }

    #[test]
    fn rows_of_different_length_are_refused() {
        let ragged = csv::Reader::from_reader("a,b\n1,2\n3\n".as_bytes());
        assert!(Table::read(ragged).is_err());
    }
}
