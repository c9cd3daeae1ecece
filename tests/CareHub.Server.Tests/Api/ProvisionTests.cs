using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CareHub.Server.Tests.Support;
using CareHub.Storage.Registry;

namespace CareHub.Server.Tests.Api;

/// <summary>An installer trades a code on paper for a device's secret, once.</summary>
public sealed class ProvisionTests : IAsyncLifetime, IDisposable
{
    private TestHub _hub = null!;
    private TestConsole _admin = null!;
    private readonly HttpClient _installer = new();

    public async Task InitializeAsync()
    {
        _hub = await TestHub.StartAsync(configure: options => options.PublicUrl = "https://care.example.org");
        _admin = await _hub.ConsoleAsync("admin");
        _installer.BaseAddress = _hub.Url;
    }

    public async Task DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _hub.DisposeAsync();
    }

    public void Dispose() => _installer.Dispose();

    private async Task<JsonNode> CodeAsync(string device = TestWorld.Button) => (await _admin.PostAsync($"/api/v1/devices/{device}/claim-codes", new { reason = "installation" })).Body!;

    private async Task<(HttpStatusCode Status, JsonNode Body)> ClaimAsync(string code)
    {
        using var answer = await _installer.PostAsJsonAsync("/api/v1/provision", new { code });
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    [Fact]
    public async Task A_code_gives_the_secret_and_where_to_connect_and_then_nothing_more()
    {
        await using var before = await _hub.DeviceAsync(TestWorld.Button);
        var issued = await CodeAsync();
        Assert.Equal($"https://care.example.org/provision.html#{issued["code"]}", (string)issued["url"]!);
        Assert.StartsWith("<svg", (string)issued["svg"]!, StringComparison.Ordinal);

        // As a person types it.
        var (status, claimed) = await ClaimAsync($" {((string)issued["code"]!).ToLowerInvariant().Replace('0', 'o').Replace('1', 'l')} ");
        Assert.Equal((HttpStatusCode.OK, TestWorld.Button), (status, (string)claimed["deviceId"]!));
        Assert.Equal(["wss://care.example.org/mqtt", $"mqtt://care.example.org:{_hub.MqttPort}"], claimed["mqtt"]!.AsArray().Select(address => (string)address!));

        // The box that had the identity before has it no longer.
        await before.Closed.WaitAsync(Eventually.Patience);
        await using var device = await _hub.DeviceAsync(TestWorld.Button, secret: (string)claimed["secret"]!);
        Assert.Equal("code_invalid", (string)(await ClaimAsync((string)issued["code"]!)).Body["code"]!);
    }

    [Fact]
    public async Task Of_concurrent_claims_exactly_one_wins()
    {
        var code = (string)(await CodeAsync())["code"]!;

        // Each from an address of its own would be the attack; from one address the throttle may come first, which is a refusal too.
        var claims = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ClaimAsync(code)));

        var winner = Assert.Single(claims, claim => claim.Status == HttpStatusCode.OK);
        await using var device = await _hub.DeviceAsync(TestWorld.Button, secret: (string)winner.Body["secret"]!);
    }

    [Fact]
    public async Task A_newer_code_voids_the_older_and_a_disabled_device_cannot_be_claimed()
    {
        var older = (string)(await CodeAsync())["code"]!;
        var newer = (string)(await CodeAsync())["code"]!;
        Assert.Equal(HttpStatusCode.NotFound, (await ClaimAsync(older)).Status);

        await _admin.PostAsync($"/api/v1/devices/{TestWorld.Button}/disable", new { reason = "stolen" });
        Assert.Equal(HttpStatusCode.NotFound, (await ClaimAsync(newer)).Status);
    }

    [Fact]
    public async Task A_typing_error_is_found_before_it_counts_and_wrong_codes_are_throttled()
    {
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("code_mistyped", (string)(await ClaimAsync("00000-00001")).Body["code"]!);
        }

        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 4; i++)
        {
            answers.Add((await ClaimAsync(ClaimCode.Generate())).Status);
        }

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.NotFound, status));
        Assert.Equal(HttpStatusCode.TooManyRequests, (await ClaimAsync(ClaimCode.Generate())).Status);
    }
}
