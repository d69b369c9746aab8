package dev.flowlane.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.flowlane.report.LineChart.Axis;
import dev.flowlane.report.LineChart.Point;
import dev.flowlane.report.LineChart.Series;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Locale;

class ChartsTest {
    private static Document xml(String svg) throws ParserConfigurationException, IOException, SAXException {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    @Test
    void linearTicksAreRoundAndHoldTheLargest() {
        assertThat(Scale.fromZero(23.4e9, 5).ticks()).containsExactly(0.0, 5e9, 10e9, 15e9, 20e9, 25e9);
        assertThat(Scale.fromZero(10, 5).ticks()).containsExactly(0.0, 2.0, 4.0, 6.0, 8.0, 10.0);
        assertThat(Scale.fromZero(0, 5).ticks()).startsWith(0.0).hasSizeGreaterThan(2);
        assertThat(Scale.fromZero(23.4e9, 5).place(12.5e9)).isCloseTo(0.5, within(1e-12));
    }

    @Test
    void anAxisOfTimeEndsWithTheData() {
        Scale scale = Scale.until(6.9998, 8);

        // The last second ended a little early; its tick is drawn all the same.
        assertThat(scale.ticks()).containsExactly(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0);
        assertThat(scale.place(6.9998)).isCloseTo(1, within(1e-12));
        assertThat(Scale.until(7.4, 8).ticks()).endsWith(6.0, 7.0);
        assertThat(Scale.until(7.4, 8).place(7.4)).isCloseTo(1, within(1e-12));
        assertThat(Scale.until(0, 8).place(0)).isZero();
    }

    @Test
    void aLongLogarithmicScaleNamesItsEndsAndTheDecadesThatHaveRoom() {
        Scale scale = Scale.logarithmic(23_000, 180_000_000);

        assertThat(scale.ticks()).containsExactly(20e3, 100e3, 1e6, 10e6, 200e6);
        assertThat(scale.place(20e3)).isZero();
        assertThat(scale.place(200e6)).isCloseTo(1, within(1e-12));
    }

    @Test
    void logarithmicTicksHoldBothEnds() {
        Scale scale = Scale.logarithmic(44_100, 2_400_000);

        assertThat(scale.ticks()).containsExactly(20e3, 50e3, 100e3, 200e3, 500e3, 1e6, 2e6, 5e6);
        assertThat(scale.place(20e3)).isZero();
        assertThat(scale.place(5e6)).isCloseTo(1, within(1e-12));
        assertThat(Scale.logarithmic(7, 7).place(7)).isBetween(0.0, 1.0);
    }

    @Test
    void eachNineTakesTheSameRoom() {
        Scale scale = new Scale.Percentile(4);

        assertThat(scale.place(90)).isCloseTo(0.25, within(1e-9));
        assertThat(scale.place(99)).isCloseTo(0.5, within(1e-9));
        assertThat(scale.place(99.99)).isCloseTo(1, within(1e-9));
        assertThat(scale.place(100)).isCloseTo(1, within(1e-9));
        assertThat(scale.ticks()).hasSize(6);
    }

    @Test
    void aChartIsWellFormedWithTitleAndAllPoints() throws ParserConfigurationException, IOException, SAXException {
        String svg = new LineChart("c", "A <title>", "What it shows & why",
                new Axis("s", Scale.fromZero(3, 3), value -> value + "s"),
                new Axis("bit/s", Scale.fromZero(10, 5), value -> value + "b"))
                .add(new Series("flow \"0\"", 9, List.of(
                        new Point(0.5, 1), new Point(1.5, Double.NaN), new Point(2.5, 10))))
                .shade(0, 1, "warm-up")
                .render();

        Document document = xml(svg);

        assertThat(document.getElementsByTagName("title").item(0).getTextContent()).isEqualTo("A <title>");
        assertThat(document.getElementsByTagName("circle").getLength()).as("two of each drawing").isEqualTo(4);
        assertThat(svg).contains("class=\"line s1\"", "role=\"img\"", "aria-labelledby=\"c-wide-t c-wide-d\"",
                "aria-labelledby=\"c-narrow-t c-narrow-d\"", "warm-up");
        // The gap begins the line anew; 10 of 10 is at the top.
        assertThat(svg).contains("d=\"M212.0 204.6M636.0 12.0\"");
    }

    @Test
    void noTickRunsIntoAnotherOrOverTheEdge() throws ParserConfigurationException, IOException, SAXException {
        Document document = xml(new LineChart("p", "t", "d",
                new Axis("percentile", new Scale.Percentile(5), value -> String.format(Locale.ROOT, "%.5g %%", value)),
                new Axis("ns", Scale.logarithmic(1, 10), value -> "1")).render());

        NodeList charts = document.getElementsByTagName("svg");
        assertThat(charts.getLength()).isEqualTo(2);
        for (int i = 0; i < charts.getLength(); i++) {
            Element chart = (Element) charts.item(i);
            double width = Double.parseDouble(chart.getAttribute("viewBox").split(" ", -1)[2]);
            NodeList texts = chart.getElementsByTagName("text");
            double end = 0;
            int below = 0;
            for (int j = 0; j < texts.getLength(); j++) {
                Element text = (Element) texts.item(j);
                if (text.getTextContent().endsWith("%")) {
                    double half = text.getTextContent().length() * 7 / 2.0;
                    double x = Double.parseDouble(text.getAttribute("x"));
                    double middle = text.getAttribute("text-anchor").equals("end") ? x - half : x;
                    assertThat(middle - half).as(text.getTextContent()).isGreaterThan(end);
                    end = middle + half;
                    assertThat(end).as(text.getTextContent()).isLessThanOrEqualTo(width);
                    below++;
                }
            }
            assertThat(below).isGreaterThan(2);
        }
    }

    @Test
    void sharesAreStackedFromTheBottomAndLeaveGapsWhereNothingWasTold()
            throws ParserConfigurationException, IOException, SAXException {
        String svg = new ShareChart("cpu-0", "host-a <CPU> 3", "what it did", Scale.until(4, 4),
                List.of("user", "system", "steal"))
                .add(new ShareChart.Slice(0, 1, List.of(0.5, 0.5, 0.0)))
                .add(new ShareChart.Slice(3, 4, List.of(0.25, 0.0, 0.0)))
                .shade(0, 1)
                .render();

        Document document = xml(svg);

        assertThat(document.getElementsByTagName("title").item(0).getTextContent()).isEqualTo("host-a <CPU> 3");
        // 74 high from 81 upwards, 276 wide from 44 on: what user leaves off, system begins; nothing from 1 to 3.
        assertThat(svg)
                .contains("class=\"part user\" d=\"M44.0 81.0V44.0H113.0V81.0ZM251.0 81.0V62.5H320.0V81.0Z\"")
                .contains("class=\"part system\" d=\"M44.0 44.0V7.0H113.0V44.0Z\"", "class=\"shade\"", ">100 %<")
                .doesNotContain("part steal");
    }

    @Test
    void aLaneMapNamesEveryUse() throws ParserConfigurationException, IOException, SAXException {
        String svg = new LaneMap()
                .host("host-a", new int[] {0, 1, 2})
                .use("host-a", 1, 0, "rx")
                .use("host-a", 1, 0, "app")
                .use("host-a", -1, 0, "rx")
                .use("<b>", 5, 1, "app")
                .render();

        assertThat(xml(svg).getElementsByTagName("g").getLength()).isEqualTo(4);
        assertThat(svg)
                .contains("CPU 1: flow 0 rx; flow 0 app;",
                        "0 rx+app", "class=\"cell s0\"", "CPU 2: no flow", "&lt;b&gt;");
    }

    @Test
    void aCpuOfSeveralFlowsHasTheColourOfNone() {
        String svg = new LaneMap().use("a", 1, 0, "app").use("a", 1, 1, "app").use("a", 1, 2, "rx").render();

        assertThat(svg).contains("class=\"cell shared\"", "0,1,2", "flow 2 rx;");
    }

    @Test
    void textThatWouldBreakOutIsEscaped() {
        assertThat(Html.text("<script>alert('x')</script>\u202e\u0007&\""))
                .isEqualTo("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;??&amp;&quot;");
    }
}
