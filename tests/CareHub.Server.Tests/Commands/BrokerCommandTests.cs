using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Commands;

/// <summary>What the plain broker says of its listeners; that they work is seen by tests/interop.</summary>
public sealed class BrokerCommandTests
{
    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public async Task All_errors_of_the_listeners_are_reported_at_once()
    {
        var (exit, output) = await HubProcess.RunAsync(
            Nothing, "broker", "--listen", "a", "--tls-listen", "b", "--ws-path", "c", "--certificate", "/does/not/exist.pem", "--key", "/does/not/exist.key");

        Assert.Equal(2, exit);
        foreach (var text in new[] { "--listen: 'a'", "--allow-anonymous", "--tls-listen: 'b'", "--ws-path: 'c'", "--certificate and --key: Could not find" })
        {
            Assert.Contains(text, output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--tls-listen", "127.0.0.1:0", "need --certificate FILE and --key FILE")]
    [InlineData("--client-ca", "x", "--client-ca means nothing without --tls-listen or --wss-listen")]
    [InlineData("--certificate", "x", "--certificate and --key mean nothing without --tls-listen or --wss-listen")]
    public async Task Options_that_need_others_say_which(string option, string value, string text)
    {
        var (exit, output) = await HubProcess.RunAsync(Nothing, "broker", "--allow-anonymous", option, value);

        Assert.Equal(2, exit);
        Assert.Contains(text, output, StringComparison.Ordinal);
    }
}
