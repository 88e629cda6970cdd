from xml.etree import ElementTree

from rag.evaluate.charts import BOTTOM, LEFT, SIZE, TOP, Series, draw_chart


def test_corners_of_the_unit_square_are_corners_of_the_plot() -> None:
    chart = draw_chart("T", "x", "y", [Series("s", [(0.0, 0.0, "low"), (1.0, 1.0, "high")])])
    circles = ElementTree.fromstring(chart).findall("circle")
    low, high, _ = circles  # the last one stands in the legend
    assert (float(low.attrib["cx"]), float(low.attrib["cy"])) == (LEFT, TOP + SIZE)
    assert (float(high.attrib["cx"]), float(high.attrib["cy"])) == (LEFT + SIZE, TOP)
    assert low.findtext("title") == "low"


def test_names_and_labels_are_escaped() -> None:
    chart = draw_chart("<T>", "x & y", "<y>", [Series("<s>", [(0.5, 0.5, "<n>")])], diagonal=True)
    texts = [element.text for element in ElementTree.fromstring(chart).iter() if element.text]
    assert {"<T>", "x & y", "<y>", "<s>", "<n>"} <= set(texts)


def test_a_series_without_points_has_its_name_and_no_line() -> None:
    root = ElementTree.fromstring(draw_chart("T", "x", "y", [Series("empty", [])]))
    assert [path.attrib["class"] for path in root.findall("path")] == ["grid"] * 5
    assert root.attrib["viewBox"].endswith(f" {TOP + SIZE + BOTTOM + 16}")
    assert "empty" in [text.text for text in root.findall("text")]
