using CareHub.Server.Api;

namespace CareHub.Server.Tests.Api;

public sealed class ReadingCsvTests
{
    [Theory]
    [InlineData("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"")]
    [InlineData("+1", "'+1")]
    [InlineData("-cmd", "'-cmd")]
    [InlineData("@SUM(1)", "'@SUM(1)")]
    [InlineData("a,b", "\"a,b\"")]
    [InlineData("two\r\nlines", "\"two\r\nlines\"")]
    [InlineData("\r=1", "\"'\r=1\"")]
    [InlineData("plain-1", "plain-1")]
    public void A_cell_is_never_a_formula(string text, string cell) => Assert.Equal(cell, ReadingCsv.Cell(text));
}
