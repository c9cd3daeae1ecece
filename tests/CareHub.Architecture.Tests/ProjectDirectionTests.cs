using System.Xml.Linq;

namespace CareHub.Architecture.Tests;

/// <summary>design.md: Server → {Mqtt, Storage → Core}, firmware-sim → {Mqtt, Core}.</summary>
public sealed class ProjectDirectionTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["src/CareHub.Mqtt/CareHub.Mqtt.csproj"] = [],
        ["src/CareHub.Core/CareHub.Core.csproj"] = [],
        ["src/CareHub.Storage/CareHub.Storage.csproj"] = ["CareHub.Core"],
        ["src/CareHub.Server/CareHub.Server.csproj"] = ["CareHub.Core", "CareHub.Mqtt", "CareHub.Storage"],
        ["firmware-sim/CareHub.Simulator.csproj"] = ["CareHub.Core", "CareHub.Mqtt"],
    };

    [Fact]
    public void A_project_references_only_what_stands_below_it()
    {
        foreach (var (path, allowed) in Allowed)
        {
            var references = Project(path).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value));
            Assert.Equal(allowed, references.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Core_is_pure_and_needs_no_package_and_no_framework_of_the_web()
    {
        var core = Project("src/CareHub.Core/CareHub.Core.csproj");
        Assert.Empty(core.Descendants("PackageReference"));
        Assert.Empty(core.Descendants("FrameworkReference"));
    }

    [Theory]
    [InlineData("DateTimeOffset.UtcNow")]
    [InlineData("DateTime.UtcNow")]
    [InlineData("DateTime.Now")]
    [InlineData("TimeProvider")]
    [InlineData("new Random")]
    [InlineData("Guid.NewGuid")]
    [InlineData("System.IO")]
    [InlineData("Task.Run")]
    [InlineData("ILogger")]
    public void The_engine_reads_no_clock_throws_no_dice_and_does_no_io(string forbidden)
    {
        foreach (var folder in new[] { "Triage", "Alarms", "Signals", "Devices" })
        {
            foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "src/CareHub.Core", folder), "*.cs", SearchOption.AllDirectories))
            {
                Assert.False(File.ReadAllText(file).Contains(forbidden, StringComparison.Ordinal), $"{Path.GetFileName(file)} uses {forbidden}");
            }
        }
    }

    private static XDocument Project(string path) => XDocument.Load(Path.Combine(Repository.Root, path));
}
