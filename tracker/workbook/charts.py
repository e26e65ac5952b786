"""Native charts that refer to cells of their page: a ring of shares, and stacked bars of duties, exposures and rights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openpyxl.chart import BarChart, DoughnutChart, Reference
from openpyxl.chart.marker import DataPoint
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.spreadsheet_drawing import AnchorMarker, TwoCellAnchor
from openpyxl.drawing.text import (
    CharacterProperties,
    Font,
    Paragraph,
    ParagraphProperties,
    RichTextProperties,
)
from openpyxl.worksheet.worksheet import Worksheet

from .sheets import Tone
from .style import FACE, GREY, INK, RULE, TONES

# Duties in ink, exposures in amber, rights in green: the same everywhere on the page.
KINDS = (INK, "D9A441", TONES[Tone.GOOD])


def ring(page: Worksheet, words: int, numbers: int, first: int, last: int, colors: Sequence[str]) -> Any:
    """Draw the numbers of a column as parts of a ring, each in its own colour; columns and rows as the page numbers them."""
    chart = DoughnutChart(holeSize=62)
    chart.add_data(Reference(page, min_col=numbers, min_row=first, max_row=last))
    chart.set_categories(Reference(page, min_col=words, min_row=first, max_row=last))
    for number, color in enumerate(colors):
        point = DataPoint(idx=number)
        point.graphicalProperties = GraphicalProperties(solidFill=color)
        point.graphicalProperties.line = LineProperties(solidFill="FFFFFF", w=9525)
        chart.series[0].data_points.append(point)
    # The table beside it says which colour is which, and how many.
    chart.legend = None
    return _plain(chart)


def bars(page: Worksheet, words: int, numbers: int, first: int, last: int) -> Any:
    """Draw three columns of numbers, whose headings stand above `first`, as one stacked bar per row."""
    chart: Any = BarChart(barDir="bar", grouping="stacked", overlap=100, gapWidth=45)
    for column, color in enumerate(KINDS, numbers):
        chart.add_data(Reference(page, min_col=column, min_row=first - 1, max_row=last), titles_from_data=True)
        shape = chart.series[-1].graphicalProperties
        shape.solidFill, shape.line.solidFill = color, color
    chart.set_categories(Reference(page, min_col=words, min_row=first, max_row=last))
    # The first row of the table is the first bar from above.
    chart.x_axis.scaling.orientation = "maxMin"
    for axis in (chart.x_axis, chart.y_axis):
        axis.delete, axis.txPr = False, _text()
        axis.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=RULE))
    chart.y_axis.numFmt, chart.y_axis.majorGridlines.spPr = "0", GraphicalProperties(ln=LineProperties(solidFill=RULE))
    chart.x_axis.tickLblPos, chart.y_axis.crosses = "low", "max"
    chart.legend.position, chart.legend.txPr = "t", _text()
    return _plain(chart)


def _plain(chart: Any) -> Any:
    chart.graphical_properties = GraphicalProperties(noFill=True, ln=LineProperties(noFill=True))
    chart.roundedCorners = False
    return chart


def _text() -> RichText:
    face = Font(typeface=FACE)
    letters = CharacterProperties(sz=800, solidFill=GREY, latin=face, ea=face)
    return RichText(bodyPr=RichTextProperties(rot=0), p=[Paragraph(pPr=ParagraphProperties(defRPr=letters), endParaRPr=letters)])


def place(page: Worksheet, chart: Any, left: int, top: int, right: int, bottom: int) -> None:
    """Lay a chart over the grid: columns counted as on the board's grid, rows as on the page, the last ones left out."""
    chart.anchor = TwoCellAnchor(editAs="oneCell", _from=AnchorMarker(col=left + 1, row=top - 1), to=AnchorMarker(col=right + 1, row=bottom - 1))
    page.add_chart(chart)
