using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CareHub.Mqtt.Broker;

/// <summary>How many connections are open from each address. An IPv6 customer has a /64, so that is what counts as one.</summary>
internal sealed class AddressCounts(int max)
{
    private const int NetworkBytes = 8;

    private readonly ConcurrentDictionary<IPAddress, int> _open = new();

    /// <summary>Takes a place for a connection; null when the address has none left. A connection without an address needs none.</summary>
    public Place? TryEnter(EndPoint? remote)
    {
        if (remote is not IPEndPoint { Address: var address })
        {
            return new Place(this, null);
        }

        var key = KeyOf(address);
        if (_open.AddOrUpdate(key, 1, static (_, count) => count + 1) <= max)
        {
            return new Place(this, key);
        }

        Leave(key);
        return null;
    }

    private void Leave(IPAddress key)
    {
        if (_open.AddOrUpdate(key, 0, static (_, count) => count - 1) == 0)
        {
            // Only while it is still zero: somebody may have entered meanwhile.
            _open.TryRemove(new KeyValuePair<IPAddress, int>(key, 0));
        }
    }

    private static IPAddress KeyOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(NetworkBytes).Clear();
        return new IPAddress(bytes);
    }

    internal readonly struct Place(AddressCounts counts, IPAddress? key) : IDisposable
    {
        public void Dispose()
        {
            if (key is not null)
            {
                counts.Leave(key);
            }
        }
    }
}
