using CareHub.Server.Tests.Support;

namespace CareHub.Server.Tests.Commands;

/// <summary>The real executable: arguments, configuration, exit codes.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _data = Path.Combine(Path.GetTempPath(), $"carehub-cli-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_data))
        {
            Directory.Delete(_data, recursive: true);
        }
    }

    private Dictionary<string, string> Environment => new(StringComparer.Ordinal) { ["CareHub__DataDirectory"] = _data };

    [Fact]
    public async Task All_errors_of_configuration_are_reported_at_once_with_exit_code_2()
    {
        var (exit, output) = await HubProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["CareHub__DataDirectory"] = " ",
            ["CareHub__Mqtt__Listen"] = "nowhere",
            ["CareHub__TimeZone"] = "Mars/Olympus",
            ["CareHub__Influx__Url"] = "ftp://x",
        });

        Assert.Equal(2, exit);
        foreach (var name in new[] { "CareHub:DataDirectory", "CareHub:Mqtt:Listen: 'nowhere'", "'Mars/Olympus'", "CareHub:Influx: Influx Url 'ftp://x'", "Influx Database is missing" })
        {
            Assert.Contains(name, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_misspelt_setting_is_an_error_and_not_ignored()
    {
        var (exit, output) = await HubProcess.RunAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["CareHub__DataDirectory"] = _data, ["CareHub__DataDirectori"] = "x" });

        Assert.Equal(2, exit);
        Assert.Contains("DataDirectori", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Devices_are_imported_and_bad_rows_named_by_line()
    {
        Directory.CreateDirectory(_data);
        var csv = Path.Combine(_data, "devices.csv");
        await File.WriteAllTextAsync(csv, "device_id,kind,site_id,secret\nbtn-9,emergency_button,home-9,long-enough-secret\nbad id,smoke_detector,home-9,long-enough-secret\nbtn-8,emergency_button,home-9,short\nbtn-9,emergency_button,home-9,long-enough-secret\n");

        var (exit, output) = await HubProcess.RunAsync(Environment, "devices", "import", csv);

        Assert.Equal(1, exit);
        Assert.Contains("1 devices added", output, StringComparison.Ordinal);
        Assert.Contains("line 3: device_id 'bad id'", output, StringComparison.Ordinal);
        Assert.Contains("line 4: the secret of device 'btn-8' has 5 characters", output, StringComparison.Ordinal);
        Assert.Contains("line 5: device_id 'btn-9' is already on line 2", output, StringComparison.Ordinal);
        Assert.Contains("site 'home-9' was not registered", output, StringComparison.Ordinal);
        Assert.DoesNotContain("short", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_imported_while_the_hub_runs_can_raise_an_alarm_that_an_added_user_sees()
    {
        Directory.CreateDirectory(_data);
        var csv = Path.Combine(_data, "devices.csv");
        await File.WriteAllTextAsync(csv, "device_id,kind,site_id,secret\nbtn-9,emergency_button,home-9,long-enough-secret\n");
        await using var hub = await HubProcess.StartAsync(_data);

        Assert.Equal(0, (await HubProcess.RunAsync(Environment, "devices", "import", csv)).ExitCode);
        Assert.Equal(0, (await HubProcess.RunAsync(Environment, "users", "add", "li", "--password", "a long password", "--role", "operator")).ExitCode);
        await Eventually.Value(
            async () => (await Mosquitto.PublishAsync(hub.MqttPort, "-u", "btn-9", "-P", "long-enough-secret", "-t", "care/v1/btn-9/signal", "-q", "1", "-m", """{"id":"1","type":"button"}""")).ExitCode == 0 ? "" : null,
            "the hub has noticed the import");

        await using var console = await TestConsole.SignInAsync(hub.Url, "li", "a long password");
        Assert.Equal("home-9.1", (string)Assert.Single((await console.GetAsync("/api/v1/alarms"))["items"]!.AsArray())!["id"]!);
    }

    [Fact]
    public async Task A_service_is_added_with_its_grants_listed_and_removed()
    {
        var (exit, output) = await HubProcess.RunAsync(Environment, "services", "add", "city", "--publish", "city/#", "--publish", "care/v1/+/signal", "--subscribe", "city/+");
        Assert.Equal(0, exit);
        Assert.Matches("city added; secret \\(shown once\\): [A-Za-z0-9_-]{43}", output);

        (exit, output) = await HubProcess.RunAsync(Environment, "services", "add", "city", "--publish", "x");
        Assert.Equal(1, exit);
        Assert.Contains("'city' is taken", output, StringComparison.Ordinal);

        (_, output) = await HubProcess.RunAsync(Environment, "services", "list");
        Assert.Contains("city  publish: city/#, care/v1/+/signal  subscribe: city/+", output, StringComparison.Ordinal);
        Assert.Equal(0, (await HubProcess.RunAsync(Environment, "services", "remove", "city")).ExitCode);
        Assert.Equal(1, (await HubProcess.RunAsync(Environment, "services", "remove", "city")).ExitCode);
    }

    [Theory]
    [InlineData("services", "add", "x")]
    [InlineData("services", "add", "x", "--publish", "a/#/b")]
    [InlineData("broker", "--listen", "127.0.0.1:0")]
    [InlineData("broker", "--listen", "x", "--allow-anonymous")]
    [InlineData("dance")]
    [InlineData("users", "add", "x", "--role", "king")]
    public async Task Misuse_is_exit_code_2(params string[] arguments) => Assert.Equal(2, (await HubProcess.RunAsync(Environment, arguments)).ExitCode);

    [Fact]
    public async Task Verify_and_replay_need_a_record_and_make_none()
    {
        foreach (var command in new[] { "verify", "replay" })
        {
            var (exit, output) = await HubProcess.RunAsync(Environment, command);

            Assert.Equal(2, exit);
            Assert.Contains("alarms.db does not exist", output, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(_data));
    }

    [Fact]
    public async Task A_candidate_with_errors_is_refused_with_all_of_them()
    {
        TestWorld.Create(_data);
        Storage.Alarms.AlarmLedger.Open(Storage.DataDirectory.Open(_data)).Dispose();
        var candidate = Path.Combine(_data, "candidate.yaml");
        await File.WriteAllTextAsync(candidate, "signals:\n  smok: {priority: low}\nnight: {from: 25:00}\n");

        var (exit, output) = await HubProcess.RunAsync(Environment, "replay", "--data", _data, "--rules", candidate, "--days", "3");

        Assert.Equal(2, exit);
        Assert.Contains("smok", output, StringComparison.Ordinal);
        Assert.Contains("night", output, StringComparison.Ordinal);

        await File.WriteAllTextAsync(candidate, "signals:\n  water: {priority: low}\n");
        (exit, output) = await HubProcess.RunAsync(Environment, "replay", "--data", _data, "--rules", candidate);
        Assert.Equal(0, exit);
        Assert.Contains("0 would be decided otherwise", output, StringComparison.Ordinal);
    }
}
