using System.Globalization;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;

namespace CareHub.Server.Tests.Torture;

/// <summary>kill -9, again and again, under load: nothing acknowledged is lost, nothing is applied twice, every console agrees. <c>make torture</c> is the long form.</summary>
public sealed class TortureTests(ITestOutputHelper output) : IDisposable
{
    private const int ShortForm = 6;

    private readonly string _data = Path.Combine(Path.GetTempPath(), $"carehub-torture-{Guid.NewGuid():N}");

    [Fact]
    public async Task Killed_at_random_moments_the_hub_loses_nothing_and_does_nothing_twice()
    {
        var kills = Setting("TORTURE_KILLS") ?? ShortForm;
        var seed = Setting("TORTURE_SEED") ?? Random.Shared.Next();
        output.WriteLine($"to repeat: make torture TORTURE_KILLS={kills} TORTURE_SEED={seed}");
        try
        {
            await new TortureRun(_data, seed, kills, output).RunAsync();
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException($"seed {seed}; to repeat: make torture TORTURE_KILLS={kills} TORTURE_SEED={seed}", failure);
        }
    }

    private static int? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }
}
