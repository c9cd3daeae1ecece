using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Commands;

/// <summary>Log lines of the real executable, with standard error redirected as under systemd or Docker.</summary>
public sealed partial class LogFormatTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("json")]
    public async Task A_json_line_has_the_event_its_level_and_its_properties(string? format)
    {
        var line = JsonNode.Parse(await FirstLineAsync(format))!;

        Assert.Equal("Information", (string)line["Level"]!);
        Assert.Equal(1000, (int)line["Properties"]!["Event"]!);
        Assert.Equal(0, (int)line["Properties"]!["Alarms"]!);
        Assert.StartsWith("Restored 0 open alarms", (string)line["RenderedMessage"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_line_has_the_number_of_the_event() => Assert.Matches(TextLine(), await FirstLineAsync("text"));

    /// <summary>The line of event 1000, which every start writes.</summary>
    private static async Task<string> FirstLineAsync(string? format)
    {
        var directory = Directory.CreateTempSubdirectory("carehub-log-");
        var more = format is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { ["CareHub__LogFormat"] = format };
        using var process = Process.Start(HubProcess.Prepare(HubProcess.Settings(directory.FullName, HubProcess.FreePort(), HubProcess.FreePort(), more), "serve"))!;
        try
        {
            using var patience = new CancellationTokenSource(Eventually.Patience);
            while (await process.StandardError.ReadLineAsync(patience.Token) is { } line)
            {
                if (line.Contains("Restored", StringComparison.Ordinal))
                {
                    return line;
                }
            }

            throw new InvalidOperationException("the hub ended without the line");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync();
            directory.Delete(recursive: true);
        }
    }

    [GeneratedRegex(@"^\d\d:\d\d:\d\d\.\d\d\d INF 1000 Restored 0 open alarms")]
    private static partial Regex TextLine();
}
