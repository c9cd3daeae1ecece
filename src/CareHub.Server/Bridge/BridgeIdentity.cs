using System.Security.Cryptography;
using CareHub.Storage;

namespace CareHub.Server.Bridge;

/// <summary>
/// A name that goes with the data directory: other brokers keep what a hub missed under it, and two hubs with one name
/// would throw each other out for ever.
/// </summary>
internal static class BridgeIdentity
{
    public static string Of(DataDirectory data)
    {
        var file = Path.Combine(data.Root, "bridge-identity");
        if (!File.Exists(file))
        {
            DataDirectory.WritePrivate(file, System.Text.Encoding.ASCII.GetBytes(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))));
        }

        return File.ReadAllText(file).Trim();
    }
}
