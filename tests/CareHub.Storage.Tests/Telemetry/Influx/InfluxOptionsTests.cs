using CareHub.Storage.Telemetry.Influx;

namespace CareHub.Storage.Tests.Telemetry.Influx;

public sealed class InfluxOptionsTests
{
    [Fact]
    public void All_errors_are_reported_at_once() =>
        Assert.Equal(
            [
                "Influx Url 'influx:8086' is not an absolute http or https address.",
                "Influx Database is missing.",
                "Influx Token and User/Password exclude each other.",
                "Influx User is given without Password.",
            ],
            new InfluxOptions { Url = "influx:8086", Database = " ", Token = "t", User = "u" }.Validate());

    [Theory]
    [InlineData("http://127.0.0.1:8086", "t", null, null)]
    [InlineData("https://influx.example/prefix/", null, "u", "p")]
    [InlineData("http://influx", null, null, null)]
    public void Ordinary_options_are_fine(string url, string? token, string? user, string? password) =>
        Assert.Empty(new InfluxOptions { Url = url, Database = "carehub", Token = token, User = user, Password = password }.Validate());

    [Theory]
    [InlineData(null, "Influx Url is missing (for example http://127.0.0.1:8086).")]
    [InlineData("http://u:p@influx", "Influx Url must not hold a query, a fragment or a user; use Database, User, Password or Token.")]
    [InlineData("http://influx/?db=x", "Influx Url must not hold a query, a fragment or a user; use Database, User, Password or Token.")]
    [InlineData("ftp://influx", "Influx Url 'ftp://influx' is not an absolute http or https address.")]
    public void A_wrong_address_is_explained(string? url, string error) =>
        Assert.Equal([error], new InfluxOptions { Url = url, Database = "carehub" }.Validate());
}
