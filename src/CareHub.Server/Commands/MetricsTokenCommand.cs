using System.CommandLine;
using System.Security.Cryptography;
using System.Text;

namespace CareHub.Server.Commands;

/// <summary>Makes a token for Prometheus. The hub is configured with its hash alone.</summary>
internal static class MetricsTokenCommand
{
    private const int TokenBytes = 32;

    public static Command Create()
    {
        var command = new Command("metrics-token", "Make a token for /metrics and print it, once, with the setting that lets it in.");
        command.SetAction(_ =>
        {
            var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
            Console.WriteLine($"token (for Prometheus' credentials_file, shown once): {token}");
            Console.WriteLine($"CareHub__Metrics__TokenSha256={Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)))}");
            return CommandLine.Ok;
        });
        return command;
    }
}
