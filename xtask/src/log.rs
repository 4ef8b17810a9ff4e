//! What mdBook has to say, on the terminal.

use std::{fmt, io};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    fmt::{
        FmtContext,
        format::{FormatEvent, FormatFields, Writer},
    },
    registry::LookupSpan,
};

/// Shows mdBook's warnings and errors on standard error. It reports some mistakes, such as an include
/// of a file that is not there, nowhere else.
pub fn show() {
    tracing_subscriber::fmt().with_max_level(Level::WARN).with_writer(io::stderr).event_format(Plain).init();
}

/// The lines of a command-line tool, not of a service: no time, no module.
struct Plain;

impl<S, N> FormatEvent<S, N> for Plain
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let kind = if *event.metadata().level() == Level::ERROR { "error" } else { "warning" };
        write!(writer, "{kind}: ")?;
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}
