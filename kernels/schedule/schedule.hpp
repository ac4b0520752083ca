// Every noise schedule behind one plain value: the closed sum of the kinds, with the functions that all of them have.
//
// A schedule is X_t | X_0 = x ~ N(a(t) x, sigma(t)^2 I), the solution of dX = f(t) X dt + g(t) dW:
//   a(t)                 signal scale, a(0) = 1 (a = 1 throughout for ve and edm)
//   sigma2(t)            noise variance sigma^2
//   noise_ratio(t)       r = sigma^2/a^2, without cancellation: full relative precision at both ends of the range
//   log_snr(t)           lambda = -ln r, +inf where r = 0
//   time_of_noise_ratio  the inverse of r(t), for r in [r(t_lo), r(t_hi)]
//   drift(t)             f = d ln a/dt
//   diffusion(t)         g^2 = d sigma^2/dt - 2 f sigma^2
//   noise_ratio_rate(t)  dr/dt = g^2/a^2
//   t_lo(), t_hi()       the range; t_hi itself is excluded where ends_at_zero_signal()
//   default_t_max()      t_hi, or the time of r = 1e8 where ends_at_zero_signal()
// Used where tables are filled, in double; paths see only the tables, so a schedule is never a template parameter
// of a kernel. The elementary functions are our own: a table has the same bits on every processor.
#pragma once

#include <concepts>
#include <type_traits>

#include "kernels/schedule/ddpm.hpp"
#include "kernels/schedule/edm.hpp"
#include "kernels/schedule/flow_matching.hpp"
#include "kernels/schedule/li_yan.hpp"
#include "kernels/schedule/sub_vp.hpp"
#include "kernels/schedule/ve.hpp"
#include "kernels/schedule/vp_cosine.hpp"
#include "kernels/schedule/vp_linear.hpp"

namespace scorepath::kernels {

/// What a schedule offers; to add one: a file with such a struct, a line in each list below, a row in the tests.
template <class S>
concept ScheduleFunctions = std::is_trivially_copyable_v<S> && requires(const S s, double x) {
  { s.a(x) } -> std::same_as<double>;
  { s.sigma2(x) } -> std::same_as<double>;
  { s.noise_ratio(x) } -> std::same_as<double>;
  { s.log_snr(x) } -> std::same_as<double>;
  { s.time_of_noise_ratio(x) } -> std::same_as<double>;
  { s.drift(x) } -> std::same_as<double>;
  { s.diffusion(x) } -> std::same_as<double>;
  { s.noise_ratio_rate(x) } -> std::same_as<double>;
  { s.t_lo() } -> std::same_as<double>;
  { s.t_hi() } -> std::same_as<double>;
  { s.default_t_max() } -> std::same_as<double>;
  { s.starts_at_zero_noise() } -> std::same_as<bool>;
  { s.ends_at_zero_signal() } -> std::same_as<bool>;
};

enum class ScheduleKind { vp_linear, vp_cosine, sub_vp, ve, edm, ddpm, li_yan, flow_matching };

/// One schedule of any kind. A ddpm schedule points into a table that must outlive it.
struct NoiseSchedule {
  ScheduleKind kind;
  union {
    VpLinearSchedule vp_linear;
    VpCosineSchedule vp_cosine;
    SubVpSchedule sub_vp;
    VeSchedule ve;
    EdmSchedule edm;
    DdpmSchedule ddpm;
    LiYanSchedule li_yan;
    FlowMatchingSchedule flow_matching;
  };

  SP_HD NoiseSchedule(VpLinearSchedule s) : kind(ScheduleKind::vp_linear), vp_linear(s) {}
  SP_HD NoiseSchedule(VpCosineSchedule s) : kind(ScheduleKind::vp_cosine), vp_cosine(s) {}
  SP_HD NoiseSchedule(SubVpSchedule s) : kind(ScheduleKind::sub_vp), sub_vp(s) {}
  SP_HD NoiseSchedule(VeSchedule s) : kind(ScheduleKind::ve), ve(s) {}
  SP_HD NoiseSchedule(EdmSchedule s) : kind(ScheduleKind::edm), edm(s) {}
  SP_HD NoiseSchedule(DdpmSchedule s) : kind(ScheduleKind::ddpm), ddpm(s) {}
  SP_HD NoiseSchedule(LiYanSchedule s) : kind(ScheduleKind::li_yan), li_yan(s) {}
  SP_HD NoiseSchedule(FlowMatchingSchedule s) : kind(ScheduleKind::flow_matching), flow_matching(s) {}

  /// visitor(the schedule of the kind that is held).
  template <class Visitor>
  SP_HD auto visit(const Visitor& visitor) const {
    switch (kind) {
      case ScheduleKind::vp_linear:
        return visitor(vp_linear);
      case ScheduleKind::vp_cosine:
        return visitor(vp_cosine);
      case ScheduleKind::sub_vp:
        return visitor(sub_vp);
      case ScheduleKind::ve:
        return visitor(ve);
      case ScheduleKind::edm:
        return visitor(edm);
      case ScheduleKind::ddpm:
        return visitor(ddpm);
      case ScheduleKind::li_yan:
        return visitor(li_yan);
      case ScheduleKind::flow_matching:
        break;
    }
    SP_EXPECT(kind == ScheduleKind::flow_matching);
    return visitor(flow_matching);
  }

  SP_HD double a(double t) const {
    return visit([t](const auto& s) { return s.a(t); });
  }
  SP_HD double sigma2(double t) const {
    return visit([t](const auto& s) { return s.sigma2(t); });
  }
  SP_HD double noise_ratio(double t) const {
    return visit([t](const auto& s) { return s.noise_ratio(t); });
  }
  SP_HD double log_snr(double t) const {
    return visit([t](const auto& s) { return s.log_snr(t); });
  }
  SP_HD double time_of_noise_ratio(double r) const {
    return visit([r](const auto& s) { return s.time_of_noise_ratio(r); });
  }
  /// The inverse of log_snr(t): t at r = e^{-lambda}.
  SP_HD double time_of_log_snr(double lambda) const { return time_of_noise_ratio(exp(-lambda)); }
  SP_HD double drift(double t) const {
    return visit([t](const auto& s) { return s.drift(t); });
  }
  SP_HD double diffusion(double t) const {
    return visit([t](const auto& s) { return s.diffusion(t); });
  }
  SP_HD double noise_ratio_rate(double t) const {
    return visit([t](const auto& s) { return s.noise_ratio_rate(t); });
  }
  SP_HD double t_lo() const {
    return visit([](const auto& s) { return s.t_lo(); });
  }
  SP_HD double t_hi() const {
    return visit([](const auto& s) { return s.t_hi(); });
  }
  SP_HD double default_t_max() const {
    return visit([](const auto& s) { return s.default_t_max(); });
  }
  SP_HD bool starts_at_zero_noise() const {
    return visit([](const auto& s) { return s.starts_at_zero_noise(); });
  }
  SP_HD bool ends_at_zero_signal() const {
    return visit([](const auto& s) { return s.ends_at_zero_signal(); });
  }
};

static_assert(ScheduleFunctions<VpLinearSchedule> && ScheduleFunctions<VpCosineSchedule> &&
              ScheduleFunctions<SubVpSchedule> && ScheduleFunctions<VeSchedule> && ScheduleFunctions<EdmSchedule> &&
              ScheduleFunctions<DdpmSchedule> && ScheduleFunctions<LiYanSchedule> &&
              ScheduleFunctions<FlowMatchingSchedule> && ScheduleFunctions<NoiseSchedule>);

}  // namespace scorepath::kernels
