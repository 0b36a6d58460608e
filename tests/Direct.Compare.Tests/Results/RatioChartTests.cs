using System.Xml.Linq;
using Direct.Compare.Results;
using Direct.Compare.Scenarios;

namespace Direct.Compare.Tests.Results;

public sealed class RatioChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Draw_SomeRatios_IsWellFormedWithABarForEach()
    {
        var picture = Draw("A1,A64", 10, 2.5);

        var bars = picture.Descendants(Svg + "rect").ToArray();
        Assert.Equal(2, bars.Length);
        Assert.Equal(["bad", "good"], bars.Select(bar => (string)bar.Attribute("class")!));
        Assert.Contains(picture.Descendants(Svg + "text"), text => text.Value == "2×");
        Assert.Contains(picture.Descendants(Svg + "text"), text => text.Value == "0.5×");
    }

    [Fact]
    public void Draw_MoreAndLessThanTheFloor_GoesFromTheLineToEitherSide()
    {
        var picture = Draw("A1,A64", 10, 2.5);

        var one = (double)picture.Descendants(Svg + "line").Single(line => (string?)line.Attribute("class") == "line").Attribute("x1")!;
        var bars = picture.Descendants(Svg + "rect").ToArray();
        Assert.Equal(one, (double)bars[0].Attribute("x")!, 0.11);
        Assert.Equal(one, (double)bars[1].Attribute("x")! + (double)bars[1].Attribute("width")!, 0.21);
    }

    [Fact]
    public void Draw_Always_StaysInsideThePicture()
    {
        var picture = Draw("A1,A64", 5_000, 0.01);

        var width = (double)picture.Root!.Attribute("width")!;
        Assert.All(picture.Descendants(Svg + "rect"), bar =>
            Assert.InRange((double)bar.Attribute("x")! + (double)bar.Attribute("width")!, 0, width));
        Assert.All(picture.Descendants(Svg + "rect"), bar => Assert.InRange((double)bar.Attribute("x")!, 0, width));
    }

    [Fact]
    public void Draw_Always_HasColoursForLightAndDark()
    {
        var style = Draw("A1,A64", 5, 5).Descendants(Svg + "style").Single().Value;

        Assert.Contains("prefers-color-scheme: dark", style, StringComparison.Ordinal);
        var (light, dark) = (style.Split("@media")[0], style.Split("@media")[1]);
        Assert.All([light, dark], part => Assert.Contains("text { ", part, StringComparison.Ordinal));
        Assert.All([".good", ".bad", ".plain", ".reach", ".line"], name => Assert.Contains(name + " {", dark, StringComparison.Ordinal));
    }

    [Fact]
    public void Draw_ATitleThatIsMarkup_IsText()
    {
        var picture = XDocument.Parse(RatioChart.Draw([], "<script>&amp;\"'"));

        Assert.Equal("<script>&amp;\"'", picture.Descendants(Svg + "title").Single().Value);
    }

    // Both floors at 5.
    private static XDocument Draw(string scenarios, double a1, double a64) => XDocument.Parse(RatioChart.Draw(
        new Evaluator(Given.Options(scenarios)).Figures([
            .. Given.Rounds("A1", "floor", Metric.CpuPerDelivery, 5),
            .. Given.Rounds("A1", "direct", Metric.CpuPerDelivery, a1),
            .. Given.Rounds("A64", "floor-coalescing", Metric.CpuPerDelivery, 5),
            .. Given.Rounds("A64", "direct", Metric.CpuPerDelivery, a64)]),
        "A title"));
}
